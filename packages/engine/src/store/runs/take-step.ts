import { newId } from "@weft/shared/ids";
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import { advance } from "../../core/automation/advance.js";
import type { Work } from "../../core/model/automation.js";
import type { JsonObject } from "../../core/model/json.js";
import type { RunEvent, StepSnapshot } from "../../core/model/run.js";
import { workerTaskOf, workerTimeoutOf } from "../../core/automation/types/worker.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";
import { advanceRun, receiveAgain, type Advancing } from "./advance-run.js";
import { sumUsage, usedBy } from "./attempts.js";
import { continueDueRun, postponeDue } from "./due-run.js";
import { evaluateProfileOfRun, messageOf, recordViolation } from "../run-rules/profile.js";
import type { DueRun, Lease } from "./runs.store.js";
import { stepTypes } from "../definition/step-types.js";
import { withoutSecretsOfRun } from "./result-secrets.js";
import type { EmitRoom } from "./emit-room.js";
import type { LoadedRun } from "./loaded-run.js";
import { inputOfStep } from "./step-input.js";
import { eventOfReport, stepFailure, type StepAttempt, type StepReport, type WorkerReport } from "./step-report.js";
import type { ScheduledStep } from "./step-writes.js";
import { attemptOf, doTransactionalWork, lookAtWaiting } from "./transactional-work.js";
import { TRANSACTIONAL_STEPS } from "./transactional-steps.js";

/** Work that a worker has taken. It reports the result before the lease is over. */
export type TakenStep = Lease & {
  readonly instanceId: string;
  readonly attempt: number;
  readonly isCompensation: boolean;
  readonly work: Work;
  readonly input: JsonObject;
  /** Values of the secrets in the input, by name. They must not appear in anything that is stored. */
  readonly secrets: ReadonlyMap<string, string>;
  /** That of the run, with the hosts that the secrets can be sent to only. */
  readonly profile: SecurityProfile;
  /** When the lease is over, if nobody extends it (ISO 8601). */
  readonly leaseEndsAt: string;
};

/** What a report says about its step. */
export type ReportedStep = Lease & Pick<TakenStep, "instanceId" | "attempt" | "isCompensation"> & { readonly work?: Work };

/**
 * Does what is due for a run: its first steps, a stop, a lost worker, the end of a wait; or takes a step that can begin.
 * @returns the step to do, with a lease; null if nothing is left to do for the worker
 */
export async function takeLoaded(
  tx: Tx,
  meta: WriteMeta,
  loaded: LoadedRun,
  { due, ...taking }: Taking & { readonly due: DueRun },
): Promise<TakenStep | null> {
  if (loaded.row.finishedAt !== null) {
    await receiveAgain(tx, meta, loaded);
    return null;
  }
  if (due.step === null || mustStop(loaded)) {
    const hasFirst = loaded.row.hasBegun || !loaded.isCurrent;
    await continueDueRun(tx, meta, loaded, hasFirst ? { events: [] } : await beginRun(tx, meta, loaded));
    return null;
  }
  const step = loaded.run.steps.get(due.step);
  const row = loaded.rows.get(due.step);
  // Somebody else was faster.
  if (!step || !row || row.dueAt === null || Date.parse(row.dueAt) > Date.parse(loaded.now)) return null;
  if (isTooLate(loaded, step, row.dueAt)) {
    await failTooLate(tx, meta, loaded, step);
    return null;
  }
  return takeStep(tx, meta, { ...taking, loaded, step, instanceId: due.instanceId });
}

/** Work of others is not begun again after so long without a worker, as calls of integrations are not: a restored backup contains what was done since. */
const TOO_LATE_MS = 86_400_000;

/**
 * Only work outside of the database: a restored backup is as it was before the rest. What waits in a queue, or for an external worker, can wait for long.
 */
function isTooLate({ now, stateRun }: LoadedRun, { id, item, status }: StepSnapshot, dueAt: string): boolean {
  const step = stateRun.graph.steps.get(item?.of ?? id);
  if (step && status === "READY" && workerTaskOf(step) !== null) return false;
  const isOutside = step !== undefined && step.queue === null && !TRANSACTIONAL_STEPS.has(step.type);
  return isOutside && (status === "READY" || status === "RUNNING") && Date.parse(now) - Date.parse(dueAt) > TOO_LATE_MS;
}

async function failTooLate(tx: Tx, meta: WriteMeta, loaded: LoadedRun, { id, status, attempt }: StepSnapshot): Promise<void> {
  const message =
    "The step could not be done for more than a day, so it is not done any more. If the database was restored from a backup, it may have been done before.";
  const failed = (number: number): RunEvent => ({
    kind: "failed",
    step: id,
    attempt: number,
    error: { code: "TOO_LATE", message, isFinal: true },
  });
  const events: RunEvent[] = status === "READY" ? [{ kind: "begun", step: id }, failed(attempt + 1)] : [failed(attempt)];
  await advanceRun(tx, meta, loaded, { events });
}

/** Whether the state of a run that goes on was left. */
const mustStop = ({ isCurrent, run: { status } }: LoadedRun): boolean => !isCurrent && (status === "RUNNING" || status === "PAUSED");

/** The run begins with the security profile that applies now, and keeps it. If it refuses a step, no step begins. */
export async function beginRun(tx: Tx, meta: WriteMeta, loaded: LoadedRun): Promise<Advancing> {
  const { profile, violations } = await evaluateProfileOfRun(tx, meta, loaded.stateRun.graph, loaded.head);
  const [first, ...others] = violations;
  if (!first) return { events: [{ kind: "started" }], profile };
  const { definitionId, instanceId } = loaded.row;
  await recordViolation(tx, meta, { definitionId, instanceId, violation: first });
  const error = { code: "PROFILE_VIOLATION", message: messageOf(first, others.length), isFinal: true };
  return { events: [{ kind: "refused", error }], profile };
}

/** How a worker takes steps. */
export type Taking = {
  readonly leaseSeconds: number;
  /** Opens the secrets that a step reads. */
  readonly secrets: TenantSecrets;
  /** Absent: no events are limited. */
  readonly emits?: EmitRoom;
};

type TakingStep = Taking & { readonly loaded: LoadedRun; readonly step: StepSnapshot; readonly instanceId: string };

async function takeStep(
  tx: Tx,
  meta: WriteMeta,
  { loaded, step, leaseSeconds, secrets, emits, instanceId }: TakingStep,
): Promise<TakenStep | null> {
  if (step.status === "RUNNING" || step.status === "WAITING" || step.compensation === "RUNNING") {
    await endDue(tx, meta, { loaded, secrets }, step);
    return null;
  }
  const isCompensation = step.compensation === "READY";
  const event: RunEvent = { kind: isCompensation ? "compensationBegun" : "begun", step: step.id };
  // Decided before anything is written, so that the work of a step that cannot begin is not done.
  const begun = advance(loaded.stateRun.graph, loaded.run, event, loaded.now);
  const snapshot = begun.isStale ? undefined : begun.run.steps.get(step.id);
  const attempt = snapshot && attemptOf(loaded, snapshot);
  if (begun.isStale || !attempt) {
    await postponeDue(tx, { runId: loaded.row.id, instanceId, step: step.id });
    return null;
  }
  const refusal = emits?.refusal(attempt.work) ?? null;
  if (refusal !== null) {
    await advanceRun(tx, meta, loaded, { events: [{ kind: "postponed", step: step.id, isCompensation, ...refusal }] });
    return null;
  }
  const input = await inputOfStep(tx, meta, { secrets, loaded, run: begun.run, step: attempt.snapshot, work: attempt.work });
  const type = TRANSACTIONAL_STEPS.get(attempt.work.type);
  const { read } = loaded;
  if (type && !type.isOneWrite) loaded.read = null;
  /** Writes the begin of the attempt together with what it has come to. */
  const writeResult = async (report: StepReport): Promise<null> => {
    const used = usedBy(attempt, report);
    await advanceRun(tx, meta, loaded, {
      events: [event, ...eventsOf(attempt, report)],
      scheduled: scheduledBy(attempt.step, report),
      used,
    });
    chaos("runs.done-inside");
    return null;
  };
  if (!input.ok && input.isParked && !isCompensation) {
    const { code, message } = input;
    const parked: RunEvent = { kind: "parked", step: step.id, error: { code, message, isFinal: true } };
    await advanceRun(tx, meta, loaded, { events: [parked], scheduled: [{ step: step.id, dueAt: null, leaseToken: null }] });
    return null;
  }
  if (!input.ok) return writeResult(stepFailure(input.code, input.message, true));
  if (type) {
    const doing = { ...attempt, loaded: { ...loaded, read, run: begun.run }, input: input.taken.input, secrets };
    const report = await doTransactionalWork(tx, meta, { type, doing });
    if (report.kind === "succeeded") emits?.take(attempt.work);
    return writeResult(report);
  }
  const leaseToken = newId();
  const { attempt: number, work } = attempt;
  // Nobody else stops an external worker when its time is over: its lease ends then.
  const seconds = workerTaskOf(work) === null ? leaseSeconds : Math.min(leaseSeconds, workerTimeoutOf(work));
  const leaseEndsAt = new Date(Date.parse(loaded.now) + seconds * 1000).toISOString();
  await advanceRun(tx, meta, loaded, { events: [event], scheduled: [{ step: step.id, dueAt: leaseEndsAt, leaseToken }] });
  return {
    runId: loaded.row.id,
    instanceId,
    step: step.id,
    leaseToken,
    attempt: number,
    isCompensation,
    work,
    leaseEndsAt,
    ...input.taken,
  };
}

/** A lease that is over means that the worker is lost. What waits without one has come to its time. */
async function endDue(
  tx: Tx,
  meta: WriteMeta,
  { loaded, secrets }: Pick<TakingStep, "loaded" | "secrets">,
  snapshot: StepSnapshot,
): Promise<void> {
  const later = (): Promise<void> => postponeDue(tx, { runId: loaded.row.id, instanceId: loaded.row.instanceId, step: snapshot.id });
  const attempt = attemptOf(loaded, snapshot);
  if (attempt === null) return later();
  const { step, attempt: number, isCompensation } = attempt;
  const isWorkers = isCompensation ? loaded.rows.get(step)?.leaseToken !== null : snapshot.status === "RUNNING";
  if (!isWorkers && stepTypes().get(attempt.work.type)?.goesOn === true) {
    const event: RunEvent = { kind: "continues", step, attempt: number, isCompensation };
    if ((await advanceRun(tx, meta, loaded, { events: [event] })) === null) await later();
    return;
  }
  if (!isWorkers) {
    const sought = { secrets, tenantId: meta.tenantId, loaded };
    const report = await withoutSecretsOfRun(tx, sought, await lookAtWaiting(tx, meta, { ...attempt, loaded }));
    const events = report.kind === "waits" ? [] : eventsOf(attempt, report);
    if ((await advanceRun(tx, meta, loaded, { events, scheduled: scheduledBy(step, report), used: usedBy(attempt, report) })) === null)
      await later();
    return;
  }
  const timedOut = timeoutOf(loaded, attempt);
  if (timedOut) {
    if ((await advanceRun(tx, meta, loaded, { events: eventsOf(attempt, timedOut) })) === null) await later();
    return;
  }
  const event: RunEvent = { kind: isCompensation ? "compensationLost" : "lost", step, attempt: number };
  if ((await advanceRun(tx, meta, loaded, { events: [event] })) === null) await later();
}

/** Returns the failure of an attempt of an external worker whose time is over. Null: it is not. */
function timeoutOf({ rows, now }: LoadedRun, { step, work }: NonNullable<ReturnType<typeof attemptOf>>): WorkerReport | null {
  const beganAt = rows.get(step)?.attemptStartedAt ?? null;
  const seconds = workerTimeoutOf(work);
  if (workerTaskOf(work) === null || beganAt === null || Date.parse(now) < Date.parse(beganAt) + seconds * 1000) return null;
  return stepFailure("TIMEOUT", `The attempt did not end within ${seconds} seconds.`, false);
}

const eventsOf = (attempt: StepAttempt, report: WorkerReport): RunEvent[] => {
  const event = eventOfReport(attempt, report);
  return event ? [event] : [];
};

/** What it waits for can have happened before the wait is recorded. */
const nowIfOver = async (tx: Tx, { now }: LoadedRun, report: WorkerReport): Promise<WorkerReport> =>
  report.kind === "waits" && (await report.isOver?.(tx)) === true ? { kind: "waits", until: now } : report;

const withCounted = async (tx: Tx, report: WorkerReport): Promise<WorkerReport> =>
  report.countUsage ? { ...report, usage: sumUsage(report.usage ?? {}, await report.countUsage(tx)) } : report;

/** What waits has no lease. */
const scheduledBy = (step: string, report: WorkerReport): ScheduledStep[] =>
  report.kind === "waits" ? [{ step, dueAt: report.until, leaseToken: null }] : [];

/** Writes what has become of a step. Returns false if the report is stale: the run has stopped, or another worker has taken the step over. */
export async function reportLoaded(
  tx: Tx,
  meta: WriteMeta,
  loaded: LoadedRun,
  { taken, report }: { readonly taken: ReportedStep; readonly report: WorkerReport },
): Promise<boolean> {
  if (loaded.rows.get(taken.step)?.leaseToken !== taken.leaseToken) return false;
  const advanced = await advanceRun(tx, meta, loaded, {
    events: eventsOf(taken, report),
    scheduled: scheduledBy(taken.step, await nowIfOver(tx, loaded, report)),
    used: usedBy(taken, await withCounted(tx, report)),
  });
  return advanced !== null;
}
