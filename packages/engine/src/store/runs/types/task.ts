/** `task`: people do the work of the step. */
import { secondsOf } from "../../../core/automation/durations.js";
import { closeStepTask, openStepTask, type StepTaskInput } from "../../tasks/step-task.js";
import { stepFailure, type StepReport } from "../step-report.js";
import type { TransactionalStep, TransactionalWork, WaitingWork } from "../transactional-step.js";
import { readTenantClock, writeWait } from "../waits.store.js";
import type { Tx, WriteMeta } from "@weft/shared";

export const taskStep: TransactionalStep = {
  begin: (tx, meta, work) => beginTask(tx, meta, work, work.input as unknown as StepTaskInput & { readonly timeout?: string }),
  look: timedOut,
  stop: stopTask,
};

/** Opens the task, and waits until somebody completes it. */
export async function beginTask(
  tx: Tx,
  meta: WriteMeta,
  work: TransactionalWork,
  asked: StepTaskInput & { readonly timeout?: string },
): Promise<StepReport> {
  const { loaded, step, attempt, isCompensation } = work;
  const { id: runId, instanceId, state } = loaded.row;
  const { now } = await readTenantClock(tx);
  await openStepTask(tx, meta, { instanceId, runId, state, step, attempt, isCompensation, asked, now });
  const seconds = asked.timeout === undefined ? work.work.timeoutSeconds : secondsOf(asked.timeout);
  if (seconds !== null) await writeWait(tx, { runId, step, awaits: null, waitUntil: after(now, seconds) });
  return { kind: "waits", until: null };
}

/** The task is closed: its step has failed. */
export async function timedOut(tx: Tx, meta: WriteMeta, waiting: WaitingWork): Promise<StepReport> {
  await stopTask(tx, meta, waiting);
  return stepFailure("TIMEOUT", "Nobody has completed the task in time.", true);
}

export async function stopTask(tx: Tx, meta: WriteMeta, { loaded, step }: WaitingWork): Promise<void> {
  const { id: runId, instanceId, state } = loaded.row;
  await closeStepTask(tx, meta, { instanceId, state, step });
  if (loaded.rows.get(step)?.waitUntil) await writeWait(tx, { runId, step, awaits: null, waitUntil: null });
}

/** Returns a time that PostgreSQL can store: at most the end of the year 9999. */
export const after = (now: string, seconds: number): string =>
  new Date(Math.min(Date.parse(now) + seconds * 1000, Date.UTC(9999, 11, 31))).toISOString();
