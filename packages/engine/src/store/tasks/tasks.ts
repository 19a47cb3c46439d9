/**
 * Tasks: claims, completes, releases, delegates and updates stored tasks, with their comments and questions.
 * To complete a task is to fire the transition that it names, or to vote for it.
 * This module never opens a task: outcomes do.
 */
import { workflows } from "@weft/drizzle";
import { NotFound } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { visibleTasks } from "@weft/platform/access";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import { and, sql } from "drizzle-orm";
import { decidedBy } from "../../core/votes/votes.js";
import type { ViewerActor } from "../model/actor.js";
import { fireRead } from "../transition/fire.js";
import { machineForTransition } from "../incidents/incidents.js";
import { findInstance, lockInstance, type InstanceRead } from "../model/snapshot.js";
import type { InstanceHead, TaskRow } from "../model/instance-head.js";
import { inPlaceOf, substitutesFor } from "../authorization/substitutes.js";
import { assertWorker, chainOf } from "./worker.js";
import { assertVersion } from "../automatic/apply.js";
import { isOfStep } from "../../core/tasks/step-rule.js";
import { assertWaiting, readTask, rejected, writeTask } from "./change.js";
import { completeStepTask } from "../runs/complete-step-task.js";

const { instances, tasks } = workflows;

/**
 * Claims a task from the queue for the actor. A task that an absent user has claimed can be taken over by their substitute. Claiming an own claimed
 * task again changes nothing. Errors: NOT_FOUND, TRANSITION_REJECTED (not a candidate, claimed by another user, no longer open), CONFLICT (another
 * claim came first).
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
  /** Opens the secrets of a run whose step has the task. Its answer is searched for them. */
  readonly secrets: TenantSecrets;
};

/**
 * Completes a task by firing the transition that it names, which closes the other open tasks of the state. If votes decide, it is a vote, and the
 * instance can stay in its state. Concurrent votes wait for each other, unless a version is given. Errors: as `fireInstance`.
 */
export async function completeTask(tx: Tx, meta: WriteMeta, { id, ...firing }: TaskCompletion): Promise<InstanceHead> {
  const read = await readOfTask(tx, id, firing.actor);
  if (read.openTasks.some((task) => task.id === id && isOfStep(task))) {
    await lockInstance(tx, read.head.id);
    return completeOfStep(tx, meta, await readOfTask(tx, id, firing.actor), { ...firing, id });
  }
  const isOpen = read.openTasks.some((task) => task.id === id);
  if (!isOpen || !(await isVote(tx, meta, read, firing))) return fireInPlace(tx, meta, read, { ...firing, taskId: id });
  await lockInstance(tx, read.head.id);
  return fireInPlace(tx, meta, await readOfTask(tx, id, firing.actor), { ...firing, taskId: id });
}

/** Completes the task of a step of a run. Of concurrent completions, one wins. */
async function completeOfStep(tx: Tx, meta: WriteMeta, read: InstanceRead, { id, ...asked }: TaskCompletion): Promise<InstanceHead> {
  assertVersion(read.head, asked.expectedVersion);
  const task = read.openTasks.find((one) => one.id === id);
  if (!task) throw rejected("task", "The task is no longer open.");
  const actor = inPlaceOf(asked.actor, [...(task.delegatedFrom ?? []), ...(await substitutesFor(tx, task, asked.actor))]);
  return completeStepTask(tx, { ...meta, onBehalfOf: meta.onBehalfOf ?? actor.onBehalfOf ?? null }, read, { ...asked, task, actor });
}

/** Fires for a task, on behalf of those who delegated it to the actor, or whose substitute the actor is. */
async function fireInPlace(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  firing: Omit<TaskCompletion, "id"> & { readonly taskId: string },
): Promise<InstanceHead> {
  const task = read.openTasks.find(({ id }) => id === firing.taskId);
  const others = task ? [...(task.delegatedFrom ?? []), ...(await substitutesFor(tx, task, firing.actor))] : [];
  const actor = inPlaceOf(firing.actor, others);
  return fireRead(tx, { ...meta, onBehalfOf: meta.onBehalfOf ?? actor.onBehalfOf ?? null }, read, { ...firing, actor });
}

/** Returns the instance of a task that the actor can complete. Errors: NOT_FOUND. */
async function readOfTask(tx: Tx, id: string, { viewer }: ViewerActor): Promise<InstanceRead> {
  const visible = sql`exists (select 1 from ${tasks} where ${tasks.tenantId} = ${instances.tenantId} and ${tasks.instanceId} = ${instances.id}
    and ${tasks.id} = ${id} and ${visibleTasks(viewer, "task.complete")})`;
  const ofTask = sql`${instances.id} = (select t.instance_id from workflows.tasks t where t.id = ${id})`;
  const read = await findInstance(tx, and(ofTask, visible));
  if (!read) throw new NotFound("Task", encodeId("task", id));
  return read;
}

/** Whether it is a vote that can wait for others: votes do not conflict with each other, so none must be reconsidered because of another. */
async function isVote(
  tx: Tx,
  meta: WriteMeta,
  { head }: InstanceRead,
  { transition, expectedVersion }: Pick<TaskCompletion, "transition" | "expectedVersion">,
): Promise<boolean> {
  if ((expectedVersion ?? null) !== null) return false;
  const machine = await machineForTransition(tx, meta, head);
  return decidedBy(machine, head.state, transition) !== null;
}
