/** Completes the tasks of steps of runs. */
import { workflows } from "@weft/drizzle";
import { Conflict, TransitionRejected } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import { and, eq, inArray, sql } from "drizzle-orm";
import { completeOutcome } from "../../core/transition/step-outcomes.js";
import type { ViewerActor } from "../model/actor.js";
import type { InstanceHead, TaskRow } from "../model/instance-head.js";
import { rejectionError } from "../model/rejection.js";
import { findInstances, snapshotOf, weftNow, type InstanceRead, type OpenTask } from "../model/snapshot.js";
import { aboutTask, taskPayload } from "../outcome/events.js";
import { settleWaiting } from "./settle-waiting.js";
import { stepFailure, type StepReport } from "./step-report.js";
import { endWait } from "./waits.store.js";

const { tasks } = workflows;

export type StepTaskCompletion = {
  readonly task: OpenTask;
  readonly transition: string;
  /** With everybody for whom the actor acts. */
  readonly actor: ViewerActor;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
  /** Opens the secrets of the run, for which the answer is searched. */
  readonly secrets: TenantSecrets;
};

/**
 * Completes the task of a step with an outcome, and settles the step, which can end the run and fire a transition. The caller has locked the instance.
 * Errors: TRANSITION_REJECTED, BAD_USER_INPUT, CONFLICT (somebody has claimed the task in the meantime).
 */
export async function completeStepTask(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  { task, transition, actor, input, comment, secrets }: StepTaskCompletion,
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
  const isSettled = await settleWaiting(tx, meta, { ...step, instanceId: head.id, secrets }, report);
  if (!isSettled)
    throw new TransitionRejected([{ code: "task", message: `The task "${task.title}" is no longer open, because its run has stopped.` }]);
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
