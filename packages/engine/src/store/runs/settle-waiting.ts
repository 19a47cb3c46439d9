import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import type { StepSnapshot } from "../../core/model/run.js";
import { advanceRun } from "./advance-run.js";
import { loadRun } from "./load-run.js";
import { usedBy } from "./attempts.js";
import { withoutSecretsOfRun } from "./result-secrets.js";
import { eventOfReport, type StepAttempt, type StepReport } from "./step-report.js";

/** A waiting attempt of a step of a run. */
export type WaitingAttempt = StepAttempt & {
  readonly instanceId: string;
  readonly runId: string;
  /** Opens the secrets of the run, for which the result is searched. */
  readonly secrets: TenantSecrets;
};

/**
 * Reports what a waiting step, or compensation, has come to: the result of a task, an event, an approval. Everything that follows is written in the
 * caller's transaction. The caller can hold no lock of an instance, or those of the instance and its ancestors: they are taken from the root downwards.
 * @returns false if the report comes too late, and nothing has changed: the run has stopped, the step is in a later attempt, or it has been settled
 */
export async function settleWaiting(tx: Tx, meta: WriteMeta, waiting: WaitingAttempt, reported: StepReport): Promise<boolean> {
  const loaded = await loadRun(tx, meta, waiting);
  const snapshot = loaded?.run.steps.get(waiting.step);
  const row = loaded?.rows.get(waiting.step);
  if (!loaded || !snapshot || !row || !isWaiting(snapshot, waiting, row.leaseToken)) return false;
  const report = await withoutSecretsOfRun(tx, { secrets: waiting.secrets, tenantId: meta.tenantId, loaded }, reported);
  const event = eventOfReport(waiting, report);
  const scheduled = report.kind === "waits" ? [{ step: waiting.step, dueAt: report.until, leaseToken: null }] : [];
  // A step that already waits and goes on waiting has no event, only another time.
  const events = event === null || event.kind === "waits" ? [] : [event];
  return (await advanceRun(tx, meta, loaded, { events, scheduled, used: usedBy(waiting, report) })) !== null;
}

/** An attempt with a lease belongs to a worker. A step that waits for the resolution of its incident waits for nothing else. */
function isWaiting(snapshot: StepSnapshot, { attempt, isCompensation }: StepAttempt, leaseToken: string | null): boolean {
  if (leaseToken !== null) return false;
  return isCompensation
    ? snapshot.compensation === "RUNNING" && snapshot.compensationAttempt === attempt
    : snapshot.status === "WAITING" && !snapshot.isParked && snapshot.attempt === attempt;
}
