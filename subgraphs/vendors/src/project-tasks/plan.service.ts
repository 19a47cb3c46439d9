import { readCalendars } from "@weft/engine";
import { BadUserInput, quote } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { suggestionFor } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { lockPlannedProject } from "../projects/project.service.js";
import { holdPlan, lockPlan, type PlanChanges, type ProjectPlanRow } from "./plan.store.js";
import { selectProjectTasks } from "./project-task.store.js";
import { findTree } from "./task-tree.store.js";
import { type TaskTree, treeOf, withSubtasks } from "./task-tree.js";

/** Increments the version of a plan, and locks it until the transaction ends. */
export const incrementPlan = (tx: Tx, projectId: string, changes: PlanChanges): Promise<ProjectPlanRow> => lockPlan(tx, projectId, changes);

/** Keeps the plan of a project that the caller has locked as it is until the transaction ends. */
export const keepPlan = (tx: Tx, projectId: string): Promise<void> => holdPlan(tx, projectId);

/**
 * Locks a project that an input references, and its plan, whose version it increments.
 * @throws BadUserInput at `path` if the project does not exist or the viewer cannot change its tasks
 */
export async function changePlanOf(tx: Tx, ctx: Context, projectId: string, path: string): Promise<ProjectPlanRow> {
  const project = await lockPlannedProject(tx, ctx, projectId);
  if (project !== null) return lockPlan(tx, projectId);
  throw new BadUserInput([{ path, message: `No project with the ID ${encodeId("project", projectId)} exists.` }]);
}

export const readTree = async (tx: Tx, projectId: string): Promise<TaskTree> => treeOf(await findTree(tx, projectId));

/** @throws BadUserInput if the configuration of the tenant has no calendar of this name */
export async function assertCalendar(tx: Tx, ctx: Context, name: string | null | undefined): Promise<void> {
  if (name === null || name === undefined) return;
  const { named } = await readCalendars(tx, { tenantId: ctx.viewer.tenantId, teamId: null });
  if (named.has(name)) return;
  const message = `The configuration has no calendar ${quote(name)}.${suggestionFor(name, named.keys())}`;
  throw new BadUserInput([{ path: "input.calendar", message }]);
}

/**
 * Returns the names of tasks that are not done, of tasks with subtasks those of the subtasks, in the order of the names. Deleted tasks do not count.
 * Prevents changes of the plan until the transaction ends.
 */
export async function readUndone(tx: Tx, projectId: string, taskIds: readonly string[]): Promise<string[]> {
  if (taskIds.length === 0) return [];
  await holdPlan(tx, projectId);
  const tree = await readTree(tx, projectId);
  const below = taskIds.filter((id) => tree.byId.has(id)).flatMap((id) => withSubtasks(tree, id));
  const leaves = [...new Set(below)].filter((id) => !tree.byParent.has(id));
  const undone = (await selectProjectTasks(tx, leaves)).filter(({ percentComplete }) => percentComplete < 100);
  return undone.map(({ name }) => name).toSorted();
}
