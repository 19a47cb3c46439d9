import { workflows } from "@weft/drizzle";
import { NotFound, encodeId, visibleTasks, type Tx, type WriteMeta } from "@weft/shared";
import { and, sql } from "drizzle-orm";
import { decidedBy } from "../core/votes.js";
import type { ViewerActor } from "./actor.js";
import { fireRead } from "./fire.js";
import { machineToMove } from "./incidents.js";
import { findInstance, lockInstance, type InstanceHead, type InstanceRead } from "./snapshot.js";
import { assertWorker, chainOf, inPlaceOf, standsInFor } from "./stand-ins.js";
import { assertWaiting, readTask, writeTask, type TaskRow } from "./task-change.js";

const { instances, tasks } = workflows;

/**
 * Takes a task out of the queue for the actor; what an absent person has claimed, who stands in for that person takes over. Claiming one's own claimed task
 * again changes nothing.
 * Errors: NOT_FOUND, TRANSITION_REJECTED (not a candidate, claimed by another, no longer open), CONFLICT (somebody was faster).
 */
export async function claimTask(
  tx: Tx,
  meta: WriteMeta,
  { id, actor }: { readonly id: string; readonly actor: ViewerActor },
): Promise<TaskRow> {
  const read = await readTask(tx, { id, actor }, "task.claim");
  const { task, now } = read;
  if (task.status === "CLAIMED" && task.assigneeId === actor.id) return task;
  await assertWaiting(tx, read);
  const delegatedFrom = chainOf(task, await assertWorker(tx, task, actor));
  const set = { status: "CLAIMED", assigneeId: actor.id, claimedAt: now, delegatedFrom };
  return writeTask(tx, meta, read, { set, event: { type: "task.claimed" }, action: "task.claim" });
}

export type TaskCompletion = {
  readonly id: string;
  readonly transition: string;
  readonly actor: ViewerActor;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
  /** Of the instance. */
  readonly expectedVersion?: number | null | undefined;
};

/**
 * Completes a task by firing the transition that it names, with which the other open tasks of the state close; where votes decide, it is a vote, and the
 * instance may stay where it is. Whoever votes at the same time as others waits for them, unless he has named a version. Errors: as `fireInstance`.
 */
export async function completeTask(tx: Tx, meta: WriteMeta, { id, ...firing }: TaskCompletion): Promise<InstanceHead> {
  const read = await readOfTask(tx, id, firing.actor);
  const isOpen = read.openTasks.some((task) => task.id === id);
  if (!isOpen || !(await isVote(tx, meta, read, firing))) return fireInPlace(tx, meta, read, { ...firing, taskId: id });
  await lockInstance(tx, read.head.id);
  return fireInPlace(tx, meta, await readOfTask(tx, id, firing.actor), { ...firing, taskId: id });
}

/** Fires for a task, in the place of those who gave it to the actor, or for whom he stands in. */
async function fireInPlace(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  firing: Omit<TaskCompletion, "id"> & { readonly taskId: string },
): Promise<InstanceHead> {
  const task = read.openTasks.find(({ id }) => id === firing.taskId);
  const others = task ? [...(task.delegatedFrom ?? []), ...(await standsInFor(tx, task, firing.actor))] : [];
  const actor = inPlaceOf(firing.actor, others);
  return fireRead(tx, { ...meta, onBehalfOf: meta.onBehalfOf ?? actor.onBehalfOf ?? null }, read, { ...firing, actor });
}

/** The instance of a task that the actor may complete. Errors: NOT_FOUND. */
async function readOfTask(tx: Tx, id: string, { viewer }: ViewerActor): Promise<InstanceRead> {
  const visible = sql`exists (select 1 from ${tasks} where ${tasks.tenantId} = ${instances.tenantId} and ${tasks.instanceId} = ${instances.id}
    and ${tasks.id} = ${id} and ${visibleTasks(viewer, "task.complete")})`;
  const ofTask = sql`${instances.id} = (select t.instance_id from workflows.tasks t where t.id = ${id})`;
  const read = await findInstance(tx, and(ofTask, visible));
  if (!read) throw new NotFound("Task", encodeId("task", id));
  return read;
}

/** Whether it is a vote that may wait for others: votes do not contradict each other, so nobody need decide anew because of one. */
async function isVote(
  tx: Tx,
  meta: WriteMeta,
  { head }: InstanceRead,
  { transition, expectedVersion }: Pick<TaskCompletion, "transition" | "expectedVersion">,
): Promise<boolean> {
  if ((expectedVersion ?? null) !== null) return false;
  const machine = await machineToMove(tx, meta, head);
  return decidedBy(machine, head.state, transition) !== null;
}
