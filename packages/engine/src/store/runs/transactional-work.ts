/** Lets the step types that need no worker do, look at, and stop their work. */
import { ServiceUnavailable, WeftError } from "@weft/shared/errors";
import { afterCommit, databaseFaultOf, isRetryable, mapDatabaseError, type Tx } from "@weft/platform/db";
import { noteDueRuns, type WriteMeta } from "@weft/platform/events";
import type { StepSnapshot } from "../../core/model/run.js";
import { flushWrites } from "./held-writes.js";
import type { LoadedRun } from "./loaded-run.js";
import { stepFailure, type StepReport } from "./step-report.js";
import type { TransactionalStep, TransactionalWork, WaitingWork } from "./transactional-step.js";
import { TRANSACTIONAL_STEPS } from "./transactional-steps.js";

/** The type of the work of a step that has fallen back. */
const FALLBACK = "workflow";

/** SQLSTATE of a statement that took too long. */
const STATEMENT_TIMEOUT = "57014";

/** Does the work in a savepoint. An error that another attempt of the transaction can avoid is thrown; every other one is a failure of the step. */
export async function doTransactionalWork(
  tx: Tx,
  meta: WriteMeta,
  { type, doing }: { readonly type: TransactionalStep; readonly doing: TransactionalWork },
): Promise<StepReport> {
  if (type.isOneWrite) return type.begin(tx, meta, doing);
  // What it reads or starts can concern runs whose writes are held back.
  await flushWrites(tx);
  try {
    const report = await tx.transaction((inner) => type.begin(inner, meta, doing));
    afterCommit(tx, noteDueRuns);
    return report;
  } catch (thrown) {
    if (isRetryable(thrown)) throw thrown;
    if (databaseFaultOf(thrown)?.code === STATEMENT_TIMEOUT) return stepFailure("TIMEOUT", "The database did not finish in time.", false);
    const error = mapDatabaseError(thrown);
    if (error instanceof ServiceUnavailable) throw error;
    if (error instanceof WeftError) return stepFailure(error.code, error.message, true);
    throw error;
  }
}

/** Returns what a waiting step, or compensation, has come to when its time is there. */
export async function lookAtWaiting(tx: Tx, meta: WriteMeta, waiting: WaitingWork): Promise<StepReport> {
  const look = TRANSACTIONAL_STEPS.get(waiting.work.type)?.look;
  // A look can change what belongs to the instance, such as its tasks.
  if (look) waiting.loaded.read = null;
  return look ? look(tx, meta, waiting) : { kind: "succeeded", outputs: {} };
}

/** Ends what a step that the run has stopped was waiting for. */
export async function stopWaiting(tx: Tx, meta: WriteMeta, waiting: WaitingWork): Promise<void> {
  await TRANSACTIONAL_STEPS.get(waiting.work.type)?.stop?.(tx, meta, waiting);
}

/** Returns the attempt that a step is in. Null: the step of the definition no longer exists. */
export function attemptOf(
  { stateRun }: Pick<LoadedRun, "stateRun">,
  snapshot: StepSnapshot,
): Pick<TransactionalWork, "step" | "attempt" | "isCompensation" | "snapshot" | "work"> | null {
  const rule = stateRun.graph.steps.get(snapshot.item?.of ?? snapshot.id);
  const isCompensation = snapshot.compensation !== null;
  const written = isCompensation ? rule?.compensate : rule;
  if (!written) return null;
  const isFallback = snapshot.isFallback && !isCompensation;
  const work = isFallback ? { ...written, type: FALLBACK, timeoutSeconds: null } : written;
  const attempt = isCompensation ? snapshot.compensationAttempt : snapshot.attempt;
  return { step: snapshot.id, attempt, isCompensation, snapshot, work };
}
