/** `task`: people do the work of the step. */
import { secondsOf } from "../../../core/automation/durations.js";
import { closeStepTask, openStepTask, type StepTaskInput } from "../step-tasks.js";
import { stepFailure, type StepReport } from "../step-report.js";
import type { TransactionalStep, TransactionalWork, WaitingWork } from "../transactional-step.js";
import { beginWait, endWait } from "../waits.store.js";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";

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
  const { loaded, work: rule } = work;
  const { instanceNow: now } = loaded;
  // The instance has left the state, and the run is about to be told.
  if (!loaded.isCurrent) return { kind: "stopped" };
  await openStepTask(tx, meta, { ...work, asked, now });
  const seconds = asked.timeout === undefined ? rule.timeoutSeconds : secondsOf(asked.timeout);
  if (seconds !== null) await beginWait(tx, { ...work, runId: loaded.row.id }, { event: null, until: after(now, seconds) });
  return { kind: "waits", until: null };
}

/** The task is closed: its step has failed. */
export async function timedOut(tx: Tx, meta: WriteMeta, waiting: WaitingWork): Promise<StepReport> {
  await stopTask(tx, meta, waiting);
  return stepFailure("TIMEOUT", "Nobody has completed the task in time.", true);
}

export async function stopTask(tx: Tx, meta: WriteMeta, waiting: WaitingWork): Promise<void> {
  const { loaded } = waiting;
  await closeStepTask(tx, meta, waiting);
  await endWait(tx, { ...waiting, runId: loaded.row.id });
}

/** Returns a time that PostgreSQL can store: at most the end of the year 9999. */
export const after = (now: string, seconds: number): string =>
  new Date(Math.min(Date.parse(now) + seconds * 1000, Date.UTC(9999, 11, 31))).toISOString();
