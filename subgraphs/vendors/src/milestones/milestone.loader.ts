import { type Context, referencesThrough, type RowLoader, rowLoader } from "@weft/api/context";
import type { ReferenceLoader } from "@weft/api/subgraph";
import { findMilestones, findTasksOfMilestones } from "./milestone.store.js";
import { type Milestone, toMilestone } from "./milestone.type.js";

export const milestoneLoader: RowLoader<Milestone> = rowLoader("vendors.milestone", findMilestones, toMilestone);

export const milestoneReferences: ReferenceLoader = referencesThrough(milestoneLoader);

/** Loads the UUIDs of the tasks that must be done before a milestone can be submitted. */
export async function loadTaskIds(ctx: Context, milestoneId: string): Promise<string[]> {
  const loader = ctx.loader<string, { taskId: string }[]>("vendors.milestoneTasks", async (tx, ids) =>
    Map.groupBy(await findTasksOfMilestones(tx, ids), (row) => row.milestoneId),
  );
  return ((await loader.load(milestoneId)) ?? []).map(({ taskId }) => taskId);
}
