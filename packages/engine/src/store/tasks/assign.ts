/** Gives tasks to specific users: by the user who has claimed them, or by a manager. */
import { BadUserInput } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { ViewerActor } from "../model/actor.js";
import { isOfferedTo, substitutesFor } from "../authorization/substitutes.js";
import { assertWorker, chainOf } from "./worker.js";
import { readWaitingTask, writeTask, type TaskRequest } from "./change.js";
import type { TaskRow } from "../model/instance-head.js";
import { assertSameOrganization } from "./same-organization.js";

/**
 * Delegates a task to another user, who then has it claimed. Callers: the user who has claimed it, users to whom it is offered, and their
 * substitutes. A user who delegates a task still counts for separation of duties. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (the actor cannot
 * delegate it, closed, suspended), BAD_USER_INPUT (the user).
 */
export async function delegateTask(tx: Tx, meta: WriteMeta, request: TaskRequest & { readonly userId: string }): Promise<TaskRow> {
  const { actor, userId } = request;
  const read = await readWaitingTask(tx, request, "task.claim");
  const stoodInFor = await assertWorker(tx, read.task, actor);
  if (userId === actor.id) throw new BadUserInput([{ path: "input.userId", message: "The task is already yours. Claim it instead." }]);
  await assertSameOrganization(tx, { userId, vendorId: actor.principals.vendorId, path: "input.userId" });
  const set = {
    ...claimedBy(userId, read.now),
    delegatedFrom: chainOf(read.task, [...stoodInFor, actor.id]).filter((id) => id !== userId),
  };
  return writeTask(tx, meta, read, { set, event: { type: "task.assigned" }, action: "task.delegate" });
}

/**
 * Assigns a task to a user, or (null) returns it to its candidates, whoever has claimed it now. If a manager assigns a task that they could do
 * themselves, it counts as a delegation: assigning cannot be used to bypass separation of duties. Errors: as `delegateTask`.
 */
export async function assignTask(tx: Tx, meta: WriteMeta, request: TaskRequest & { readonly userId: string | null }): Promise<TaskRow> {
  const { actor, userId } = request;
  const read = await readWaitingTask(tx, request, "task.assign");
  const { task } = read;
  if (userId === task.assigneeId) return task;
  if (userId !== null) await assertSameOrganization(tx, { userId, vendorId: actor.principals.vendorId, path: "input.userId" });
  const chain = userId === null ? [] : chainOf(task, await behindAssignment(tx, task, actor)).filter((id) => id !== userId);
  const holder = userId === null ? { status: "OPEN", assigneeId: null, claimedAt: null } : claimedBy(userId, read.now);
  return writeTask(tx, meta, read, { set: { ...holder, delegatedFrom: chain }, event: { type: "task.assigned" }, action: "task.assign" });
}

/** Whether the user could do the task themselves, whoever has claimed it now: they could first take it from that user. */
async function behindAssignment(tx: Tx, task: TaskRow, actor: ViewerActor): Promise<readonly string[]> {
  const isHis = task.assigneeId === actor.id || (isOfferedTo(task, actor) && task.queueKey !== "none");
  if (isHis) return [actor.id];
  const stoodInFor = await substitutesFor(tx, task, actor);
  return stoodInFor.length === 0 ? [] : [...stoodInFor, actor.id];
}

const claimedBy = (userId: string, now: string) => ({ status: "CLAIMED", assigneeId: userId, claimedAt: now });
