import type { Context } from "@weft/api/context";
import { isProjectReached } from "../projects/project.loader.js";
import { findBaselines, findBaselineTasks, type BaselineTaskRow } from "./baseline.store.js";
import { type ProjectBaseline, toBaseline } from "./baseline.type.js";

export type { BaselineTaskRow };

/** Loads the baselines of a project, the newest first. Null if the viewer's permission does not reach its tasks. */
export async function loadBaselines(ctx: Context, projectId: string): Promise<readonly ProjectBaseline[] | null> {
  if (!(await isProjectReached(ctx, projectId, "projectTask.read"))) return null;
  const loader = ctx.loader<string, readonly ProjectBaseline[]>("projectBaselines", async (tx, ids) => {
    const rows = Map.groupBy(await findBaselines(tx, ids), (row) => row.projectId);
    return new Map([...rows].map(([id, baselines]) => [id, baselines.map(toBaseline)]));
  });
  return (await loader.load(projectId)) ?? [];
}

/** Loads the tasks of a baseline, in the order of its plan. */
export async function loadBaselineTasks(ctx: Context, baselineId: string): Promise<readonly BaselineTaskRow[]> {
  const loader = ctx.loader<string, readonly BaselineTaskRow[]>("projectBaselineTasks", async (tx, ids) =>
    Map.groupBy(await findBaselineTasks(tx, ids), (row) => row.baselineId),
  );
  return (await loader.load(baselineId)) ?? [];
}

/** Loads the tasks of the current baseline of a project whose plan the viewer was found to reach. Empty if there is none. */
export async function loadCurrentBaselineTasks(ctx: Context, projectId: string): Promise<readonly BaselineTaskRow[]> {
  const current = (await loadBaselines(ctx, projectId))?.find(({ isCurrent }) => isCurrent);
  return current ? loadBaselineTasks(ctx, current.row.id) : [];
}
