import type { Context } from "@weft/api/context";
import { findDependenciesOf } from "./dependency.store.js";
import { type TaskDependency, toDependency } from "./dependency.type.js";

/** Loads the dependencies of a task on others (`successorId`), or of others on it. One statement for all tasks of the response. */
export async function loadDependenciesOf(ctx: Context, end: "predecessorId" | "successorId", taskId: string): Promise<TaskDependency[]> {
  const loader = ctx.loader<string, TaskDependency[]>(`taskDependencies.${end}`, async (tx, ids) => {
    const byTask = Map.groupBy(await findDependenciesOf(tx, end, ids), (row) => row[end]);
    return new Map([...byTask].map(([id, rows]) => [id, rows.map(toDependency)]));
  });
  return (await loader.load(taskId)) ?? [];
}
