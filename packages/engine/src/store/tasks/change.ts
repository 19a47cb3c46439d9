/** What all changes of an open task have in common: the task is read with its instance, guarded, and written with event and audit entry. */
import { workflows } from "@weft/drizzle";
import { Conflict, NotFound, TransitionRejected } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { visibleTasks } from "@weft/platform/access";
import { writeAudit } from "@weft/platform/audit";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { and, eq, sql } from "drizzle-orm";
import { statusReason } from "../../core/transition/guards.js";
import { refreshClocks } from "../sla/refresh.js";
import type { ViewerActor } from "../model/actor.js";
import { aboutTask, taskPayload } from "../outcome/events.js";
import { findSuspension, snapshotOf, weftNow } from "../model/snapshot.js";
import { headColumns, type InstanceHead, taskColumns, type TaskRow } from "../model/instance-head.js";

const { instances, tasks } = workflows;

/** A task with its instance, and the tenant's time. */
export type TaskRead = { readonly task: TaskRow; readonly instance: InstanceHead; readonly now: string };

export type TaskRequest = {
  readonly id: string;
  readonly actor: ViewerActor;
  /** Of the task. */
  readonly expectedVersion?: number | null | undefined;
};

/** Reads a task that the permission covers. Errors: NOT_FOUND, CONFLICT (another version than the expected one). */
export async function readTask(tx: Tx, { id, actor, expectedVersion }: TaskRequest, permission: Permission): Promise<TaskRead> {
  const query = tx
    .select({ task: taskColumns, instance: headColumns, now: weftNow })
    .from(tasks)
    .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
    .where(and(eq(tasks.id, id), visibleTasks(actor.viewer, permission)));
  const [read] = await named("readTask", query);
  if (!read) throw new NotFound("Task", encodeId("task", id));
  const { version } = read.task;
  if (typeof expectedVersion === "number" && expectedVersion !== version)
    throw new Conflict(`The task has version ${version}, not ${expectedVersion}.`, { currentVersion: version });
  return read;
}

/** Reads a task that will be changed. Errors: also TRANSITION_REJECTED (it is closed, or its workflow is suspended). */
export async function readWaitingTask(tx: Tx, request: TaskRequest, permission: Permission): Promise<TaskRead> {
  const read = await readTask(tx, request, permission);
  await assertWaiting(tx, read);
  return read;
}

/** TRANSITION_REJECTED for a closed task, and while its workflow is suspended: work on it would be lost. */
export async function assertWaiting(tx: Tx, { task, instance }: TaskRead): Promise<void> {
  if (task.status !== "OPEN" && task.status !== "CLAIMED")
    throw rejected("task", `The task "${task.title}" is no longer open; it is ${task.status}.`);
  if (instance.status !== "SUSPENDED") return;
  const { reason } = await findSuspension(tx, instance.id);
  const { message } = statusReason(snapshotOf(instance, [], reason));
  throw rejected("status", `The task "${task.title}" is waiting. ${message}`);
}

export const rejected = (code: string, message: string) => new TransitionRejected([{ code, message }]);

type Settable =
  | "status"
  | "assigneeId"
  | "claimedAt"
  | "delegatedFrom"
  | "priority"
  | "dueAt"
  | "overdueAt"
  | "isDueHeld"
  | "checklist"
  | "questionId"
  | "askedId";

export type TaskChange = {
  readonly set: Partial<Pick<TaskRow, Settable>>;
  readonly event:
    | { readonly type: "task.claimed" | "task.released" | "task.assigned" | "task.updated" }
    | ({ readonly type: "task.commented" } & Commented);
  readonly action: string;
};

/** What the event of a comment contains in addition to what it says of the task. */
export type Commented = { readonly kind: "COMMENT" | "QUESTION" | "ANSWER" | "WITHDRAWAL"; readonly askedId: string | null };

/** Writes the change and returns the new row. CONFLICT if another write came first. */
export async function writeTask(
  tx: Tx,
  meta: WriteMeta,
  { task, instance }: TaskRead,
  { set, event, action }: TaskChange,
): Promise<TaskRow> {
  const update = tx
    .update(tasks)
    .set({ ...set, version: sql`${tasks.version} + 1` })
    .where(and(eq(tasks.id, task.id), eq(tasks.version, task.version)))
    .returning();
  const [changed] = await named("writeTask", update);
  if (!changed)
    throw new Conflict("The task has been changed or closed in the meantime. Read it again.", { currentVersion: task.version + 1 });
  const payload = taskPayload(instance, { ...changed, status: changed.status as "OPEN" | "CLAIMED" });
  const about = aboutTask(instance, task.id, changed.version);
  await appendEvents(tx, meta, [
    event.type === "task.commented"
      ? { type: event.type, ...about, payload: { ...payload, kind: event.kind, askedId: event.askedId } }
      : { type: event.type, ...about, payload },
  ]);
  await writeAudit(tx, meta, [{ action, entityType: "task", entityId: task.id, before: task, after: changed }]);
  if (set.questionId !== undefined) await refreshClocks(tx, meta, instance);
  return changed;
}
