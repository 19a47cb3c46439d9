import { withoutVendorScope } from "@weft/engine";
import { type Context, referencesThrough, type RowLoader, rowLoader } from "@weft/api/context";
import type { ReferenceLoader } from "@weft/api/subgraph";
import { findProjectNames, findProjectTasks } from "./project-task.store.js";
import { type ProjectTask, toProjectTask } from "./project-task.type.js";

/** Loads project tasks by UUID, batched per request. Null for tasks that the viewer cannot see. */
export const projectTaskLoader: RowLoader<ProjectTask> = rowLoader("projectTask", findProjectTasks, toProjectTask);

export const projectTaskReferences: ReferenceLoader = referencesThrough(projectTaskLoader);

/** Loads the name of the project of a task that the viewer can see. Users of a vendor see nothing else of the project. */
export async function loadProjectName(ctx: Context, projectId: string): Promise<string> {
  const loader = ctx.loader<string, string>("projectName", (tx, ids) => withoutVendorScope(tx, () => findProjectNames(tx, ids)));
  const name = await loader.load(projectId);
  if (name === null) throw new Error(`The project ${projectId} of a task cannot be read.`);
  return name;
}
