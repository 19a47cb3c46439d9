import { workflows } from "@weft/drizzle";
import {
  Conflict,
  NotFound,
  TransitionRejected,
  appendEvents,
  encodeId,
  named,
  visibleTasks,
  writeAudit,
  type Tx,
  type WriteMeta,
} from "@weft/shared";
import { and, eq, getTableColumns, sql } from "drizzle-orm";
import { statusReason } from "../core/verdict.js";
import { decidedBy } from "../core/votes.js";
import type { ViewerActor } from "./actor.js";
import { aboutTask, taskPayload } from "./events.js";
import { fireRead } from "./fire.js";
import { machineToMove } from "./incidents.js";
import { findInstance, findSuspension, lockInstance, snapshotOf, weftNow, type InstanceHead, type InstanceRead } from "./snapshot.js";

const { instances, tasks } = workflows;

/** A task's row. */
export type TaskRow = typeof tasks.$inferSelect;

/**
 * Takes a task out of the queue for the actor. Claiming one's own claimed task again changes nothing.
 * Errors: NOT_FOUND, TRANSITION_REJECTED (not a candidate, claimed by another, no longer open), CONFLICT (somebody was faster).
 */
export async function claimTask(
  tx: Tx,
  meta: WriteMeta,
  { id, actor }: { readonly id: string; readonly actor: ViewerActor },
): Promise<TaskRow> {
  const { task, instance, now } = await readClaimable(tx, id, actor);
  if (task.status === "CLAIMED" && task.assigneeId === actor.id) return task;
  if (instance.status === "SUSPENDED") throw await heldError(tx, instance, task);
  assertClaimable(task, actor);
  const update = tx
    .update(tasks)
    .set({ status: "CLAIMED", assigneeId: actor.id, claimedAt: now, version: sql`${tasks.version} + 1` })
    .where(and(eq(tasks.id, id), eq(tasks.version, task.version)))
    .returning();
  const [claimed] = await named("claimTask", update);
  if (!claimed)
    throw new Conflict("Somebody else has taken or ended this task meanwhile. Read it again.", { currentVersion: task.version + 1 });
  await appendEvents(tx, meta, [
    {
      type: "task.claimed",
      ...aboutTask(instance, id, claimed.version),
      payload: taskPayload(instance, { ...claimed, status: "CLAIMED" }),
    },
  ]);
  await writeAudit(tx, meta, [{ action: "task.claim", entityType: "task", entityId: id, before: task, after: claimed }]);
  return claimed;
}

/** A task whose claim the actor may change, with its instance. Errors: NOT_FOUND. */
export async function readClaimable(
  tx: Tx,
  id: string,
  { viewer }: ViewerActor,
): Promise<{ task: TaskRow; instance: InstanceHead; now: string }> {
  const query = tx
    .select({ task: getTableColumns(tasks), instance: getTableColumns(instances), now: weftNow })
    .from(tasks)
    .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
    .where(and(eq(tasks.id, id), visibleTasks(viewer, "task.claim")));
  const [read] = await named("readTask", query);
  if (!read) throw new NotFound("Task", encodeId("task", id));
  return read;
}

/** Work on what is held would be for nothing: nothing fires until it is resumed. */
async function heldError(tx: Tx, instance: InstanceHead, task: TaskRow): Promise<TransitionRejected> {
  const { message } = statusReason(snapshotOf(instance, [], await findSuspension(tx, instance.id)));
  return new TransitionRejected([{ code: "status", message: `The task "${task.title}" waits. ${message}` }]);
}

function assertClaimable(task: TaskRow, actor: ViewerActor): void {
  const reject = (code: string, message: string) => new TransitionRejected([{ code, message }]);
  if (task.status === "CLAIMED") throw reject("claimed", `Somebody else has claimed the task "${task.title}".`);
  if (task.status !== "OPEN") throw reject("task", `The task "${task.title}" is no longer open; it is ${task.status}.`);
  const { userIds, teamIds, vendorId } = actor.principals;
  const isCandidate =
    task.candidateRoles.some((role) => actor.roles.includes(role)) ||
    task.candidateUserIds.some((user) => userIds.includes(user)) ||
    task.candidateTeamIds.some((team) => teamIds.includes(team)) ||
    (vendorId !== null && task.candidateVendorIds.includes(vendorId));
  const isForAnybody =
    task.candidateRoles.length + task.candidateUserIds.length + task.candidateTeamIds.length + task.candidateVendorIds.length === 0;
  if (!isCandidate && !isForAnybody)
    throw reject("role", `The task "${task.title}" is not offered to you: it waits for ${waitsFor(task)}.`);
}

function waitsFor(task: TaskRow): string {
  if (task.candidateRoles.length > 0) return `the roles ${task.candidateRoles.join(", ")}`;
  return "particular people";
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
  if (!isOpen || !(await isVote(tx, meta, read, firing))) return fireRead(tx, meta, read, { ...firing, taskId: id });
  await lockInstance(tx, read.head.id);
  return fireRead(tx, meta, await readOfTask(tx, id, firing.actor), { ...firing, taskId: id });
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
