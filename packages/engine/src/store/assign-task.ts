/** Tasks given to particular people: by who holds them, or by who manages them. */
import { BadUserInput, type Tx, type WriteMeta } from "@weft/shared";
import type { ViewerActor } from "./actor.js";
import { assertWorker, chainOf, isOfferedTo, standsInFor } from "./stand-ins.js";
import { readWaitingTask, writeTask, type TaskRequest, type TaskRow } from "./task-change.js";
import { assertWorkmate } from "./workmates.js";

/**
 * Gives a task on to somebody else, who then holds it: by who has claimed it, to whom it is offered, or who stands in for such a person. Whoever gave it on
 * counts wherever the definition separates duties. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not his to give, over, held), BAD_USER_INPUT (the user).
 */
export async function delegateTask(tx: Tx, meta: WriteMeta, request: TaskRequest & { readonly userId: string }): Promise<TaskRow> {
  const { actor, userId } = request;
  const read = await readWaitingTask(tx, request, "task.claim");
  const stoodInFor = await assertWorker(tx, read.task, actor);
  if (userId === actor.id) throw new BadUserInput([{ path: "input.userId", message: "The task is yours already: claim it." }]);
  await assertWorkmate(tx, { userId, vendorId: actor.principals.vendorId, path: "input.userId" });
  const set = {
    ...claimedBy(userId, read.now),
    delegatedFrom: chainOf(read.task, [...stoodInFor, actor.id]).filter((id) => id !== userId),
  };
  return writeTask(tx, meta, read, { set, event: { type: "task.assigned" }, action: "task.delegate" });
}

/**
 * Gives a task to somebody, or (null) back to those to whom it is offered, whoever has it now. Who manages a task that he could do himself gives it on as a
 * delegate does: assigning opens no way around four eyes. Errors: as `delegateTask`.
 */
export async function assignTask(tx: Tx, meta: WriteMeta, request: TaskRequest & { readonly userId: string | null }): Promise<TaskRow> {
  const { actor, userId } = request;
  const read = await readWaitingTask(tx, request, "task.assign");
  const { task } = read;
  if (userId === task.assigneeId) return task;
  if (userId !== null) await assertWorkmate(tx, { userId, vendorId: actor.principals.vendorId, path: "input.userId" });
  const chain = userId === null ? [] : chainOf(task, await behindAssignment(tx, task, actor)).filter((id) => id !== userId);
  const holder = userId === null ? { status: "OPEN", assigneeId: null, claimedAt: null } : claimedBy(userId, read.now);
  return writeTask(tx, meta, read, { set: { ...holder, delegatedFrom: chain }, event: { type: "task.assigned" }, action: "task.assign" });
}

/** Who could do the task himself, whoever has it now: he could take it from that person first. */
async function behindAssignment(tx: Tx, task: TaskRow, actor: ViewerActor): Promise<readonly string[]> {
  const isHis = task.assigneeId === actor.id || (isOfferedTo(task, actor) && task.queueKey !== "none");
  if (isHis) return [actor.id];
  const stoodInFor = await standsInFor(tx, task, actor);
  return stoodInFor.length === 0 ? [] : [...stoodInFor, actor.id];
}

const claimedBy = (userId: string, now: string) => ({ status: "CLAIMED", assigneeId: userId, claimedAt: now });
