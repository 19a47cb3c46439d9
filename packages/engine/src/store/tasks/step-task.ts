/** Opens, completes and closes the tasks of steps of runs. Nothing of the instance itself changes by it. */
import { workflows } from "@weft/drizzle";
import { appendEvents, Conflict, encodeId, named, newId, writeAudit, type Tx, type WriteMeta } from "@weft/shared";
import { and, eq, inArray, sql } from "drizzle-orm";
import { secondsOf } from "../../core/automation/durations.js";
import type { JsonObject } from "../../core/model/json.js";
import { TASK_PRIORITIES, type TaskPriority } from "../../core/model/priority.js";
import { completeOutcome } from "../../core/tasks/step-tasks.js";
import { ruleOfStep } from "../../core/tasks/step-rule.js";
import type { InstanceHead, TaskRow } from "../model/instance-head.js";
import type { ViewerActor } from "../model/actor.js";
import { rejectionError } from "../model/rejection.js";
import { findInstances, snapshotOf, weftNow, type InstanceRead, type OpenTask } from "../model/snapshot.js";
import { aboutTask, taskPayload } from "../outcome/events.js";
import type { LoadedRun } from "../runs/loaded-run.js";
import { settleWaiting } from "../runs/settle-waiting.js";
import { stepFailure, type StepAttempt, type StepReport } from "../runs/step-report.js";
import { endWait } from "../runs/waits.store.js";
import { rejected } from "./change.js";

const { tasks } = workflows;

/** What a step says of its task. */
export type StepTaskInput = {
  readonly title: string;
  readonly roles: readonly string[];
  readonly instructions?: string;
  readonly due?: string;
  readonly priority?: TaskPriority;
  readonly checklist?: readonly string[];
  readonly not_owner?: boolean;
  readonly comment_for?: readonly string[];
  readonly outcomes?: readonly string[];
  readonly fail_on?: readonly string[];
  readonly input?: JsonObject;
};

export type StepTaskOpening = StepAttempt & {
  readonly loaded: Pick<LoadedRun, "row" | "head">;
  readonly asked: StepTaskInput;
  /** The tenant's time, ISO 8601. */
  readonly now: string;
};

/** Opens the task of a step. */
export async function openStepTask(tx: Tx, meta: WriteMeta, opening: StepTaskOpening): Promise<void> {
  const { loaded, step, attempt, isCompensation, asked, now } = opening;
  const { head } = loaded;
  const { id: runId, instanceId, state } = loaded.row;
  const isForOwner = asked.roles.includes("owner") && head.ownerId !== null;
  const dueSeconds = asked.due === undefined ? null : secondsOf(asked.due);
  const { priority = "normal", outcomes = ["done"], comment_for: commentFor = [], fail_on: failOn = [] } = asked;
  const insert = tx
    .insert(tasks)
    .values({
      tenantId: meta.tenantId,
      id: newId(),
      instanceId,
      state,
      rule: ruleOfStep(step),
      title: asked.title,
      candidateRoles: asked.roles.filter((role) => role !== "owner"),
      candidateUserIds: isForOwner && head.ownerId !== null ? [head.ownerId] : [],
      priority: TASK_PRIORITIES.indexOf(priority),
      checklist: (asked.checklist ?? []).map((title) => ({ id: newId(), title, done: false, doneBy: null, doneAt: null })),
      dueAt: dueSeconds === null ? null : new Date(Date.parse(now) + dueSeconds * 1000).toISOString(),
      createdAt: weftNow,
      openedAtVersion: head.version,
      step: {
        runId,
        step,
        attempt,
        isCompensation,
        instructions: asked.instructions ?? null,
        outcomes,
        commentFor,
        failOn,
        notOwner: asked.not_owner ?? false,
        input: asked.input ?? null,
      },
    })
    .returning();
  const [task] = await named("openStepTask", insert);
  if (!task) throw new Error("a task was not inserted");
  await appendEvents(tx, meta, [
    { type: "task.opened", ...aboutTask(head, task.id, 1), payload: taskPayload(head, { ...task, status: "OPEN" }) },
  ]);
}

/** Closes the task of a step that no longer waits for it, if it is open. */
export async function closeStepTask(
  tx: Tx,
  meta: WriteMeta,
  { head, state, step }: { readonly head: InstanceHead; readonly state: string; readonly step: string },
): Promise<void> {
  const update = tx
    .update(tasks)
    .set({ status: "CLOSED", closedAt: weftNow, version: sql`${tasks.version} + 1` })
    .where(
      and(
        eq(tasks.tenantId, meta.tenantId),
        eq(tasks.instanceId, head.id),
        eq(tasks.state, state),
        eq(tasks.rule, ruleOfStep(step)),
        inArray(tasks.status, ["OPEN", "CLAIMED"]),
      ),
    )
    .returning();
  const closed = await named("closeStepTask", update);
  if (closed.length === 0) return;
  await appendEvents(
    tx,
    meta,
    closed.map((task) => ({
      type: "task.closed" as const,
      ...aboutTask(head, task.id, task.version),
      payload: taskPayload(head, { ...task, status: "CLOSED" }),
    })),
  );
}

export type StepTaskCompletion = {
  readonly task: OpenTask;
  readonly transition: string;
  /** With everybody for whom the actor acts. */
  readonly actor: ViewerActor;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
};

/**
 * Completes the task of a step with an outcome, and settles the step, which can end the run and fire a transition. The caller has locked the instance.
 * Errors: TRANSITION_REJECTED, BAD_USER_INPUT, CONFLICT (somebody has claimed the task in the meantime).
 */
export async function completeStepTask(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  { task, transition, actor, input, comment }: StepTaskCompletion,
): Promise<InstanceHead> {
  const { head, now } = read;
  const snapshot = snapshotOf(head, read.openTasks, read.suspension);
  const request = { transition, actor, input, comment: comment ?? null, taskId: task.id, now };
  const completed = completeOutcome(snapshot, task, request);
  const { step } = task;
  if (!completed.ok) throw rejectionError(completed.rejection);
  if (!step) throw new Error(`the task ${task.id} belongs to no step`);
  const before = await writeCompleted(tx, meta, { task, transition });
  const { row } = before;
  const about = aboutTask(head, task.id, row.version);
  await appendEvents(tx, meta, [
    { type: "task.completed", ...about, payload: { ...taskPayload(head, { ...row, status: "COMPLETED" }), transition } },
  ]);
  await writeAudit(tx, meta, [
    { action: "task.complete", entityType: "task", entityId: task.id, before: { ...row, ...before.was }, after: row },
  ]);
  const said = completed.comment;
  const report: StepReport = completed.isFailure
    ? stepFailure(
        "REJECTED",
        said === null ? `The task was completed with ${transition}.` : `The task was completed with ${transition}: ${said}`,
        true,
      )
    : {
        kind: "succeeded",
        outputs: {
          outcome: transition,
          completed_by: encodeId("user", meta.actorId),
          ...(said !== null && { comment: said }),
          ...(completed.input && { input: completed.input }),
        },
      };
  await endWait(tx, step);
  const isSettled = await settleWaiting(tx, meta, { ...step, instanceId: head.id }, report);
  if (!isSettled) throw rejected("task", `The task "${task.title}" is no longer open, because its run has stopped.`);
  const [after] = await findInstances(tx, [head.id]);
  return after?.head ?? head;
}

/** Returns the row afterwards, and what it was before where it has changed. */
async function writeCompleted(
  tx: Tx,
  meta: WriteMeta,
  { task, transition }: Pick<StepTaskCompletion, "task" | "transition">,
): Promise<{ readonly row: TaskRow; readonly was: Partial<TaskRow> }> {
  const update = tx
    .update(tasks)
    .set({
      status: "COMPLETED",
      transition,
      completedBy: meta.actorId,
      onBehalfOf: meta.onBehalfOf ?? null,
      closedAt: weftNow,
      version: sql`${tasks.version} + 1`,
    })
    .where(and(eq(tasks.id, task.id), eq(tasks.version, task.version), inArray(tasks.status, ["OPEN", "CLAIMED"])))
    .returning();
  const [row] = await named("completeStepTask", update);
  if (!row) throw new Conflict("The task has been changed or closed in the meantime. Read it again.", { currentVersion: task.version + 1 });
  const status = task.assigneeId === null ? "OPEN" : "CLAIMED";
  return { row, was: { status, transition: null, completedBy: null, onBehalfOf: null, closedAt: null, version: task.version } };
}
