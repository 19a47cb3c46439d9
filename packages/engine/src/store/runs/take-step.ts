import { chaos, type TenantSecrets, type Tx, type WriteMeta } from "@weft/shared";
import { advance } from "../../core/automation/advance.js";
import type { Work } from "../../core/model/automation.js";
import type { JsonObject } from "../../core/model/json.js";
import type { RunEvent, StepSnapshot } from "../../core/model/run.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";
import { advanceRun, loadRun, newLease, receiveAgain, type LoadedRun, type NextLook } from "./advance-run.js";
import { judgeGraph, messageOf, recordViolation } from "./run-profile.js";
import type { DueRun, Lease } from "./runs.store.js";
import { inputOfStep } from "./step-input.js";
import { eventOfReport, stepFailure, type StepAttempt, type StepReport } from "./step-report.js";
import { attemptOf, doTransactionalWork, lookAtWaiting } from "./transactional-work.js";
import { TRANSACTIONAL_STEPS } from "./transactional-steps.js";

/** Work that a worker has taken. It reports the result with `reportStep`, before the lease is over. */
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
};

/**
 * Does what is due for a run: its first steps, a stop, a lost worker, the end of a wait; or takes a step that can begin.
 * @returns the step to do, with a lease; null if nothing is left to do for the worker
 */
export async function takeDue(tx: Tx, meta: WriteMeta, due: DueRun, taking: Taking): Promise<TakenStep | null> {
  const loaded = await loadRun(tx, meta, due);
  if (loaded === null) return null;
  if (loaded.row.finishedAt !== null) {
    await receiveAgain(tx, meta, loaded);
    return null;
  }
  if (due.step === null) {
    await advanceRun(
      tx,
      meta,
      loaded,
      loaded.row.hasBegun || !loaded.isCurrent ? { events: eventsOfRun(loaded) } : await beginRun(tx, meta, loaded),
    );
    return null;
  }
  const step = loaded.run.steps.get(due.step);
  const row = loaded.rows.get(due.step);
  // Somebody else was faster.
  if (!step || !row || row.dueAt === null || Date.parse(row.dueAt) > Date.parse(loaded.now)) return null;
  return takeStep(tx, meta, { ...taking, loaded, step, instanceId: due.instanceId });
}

/** A run whose instance has left the state is canceled. */
function eventsOfRun({ row, isCurrent }: LoadedRun): RunEvent[] {
  const first: RunEvent[] = row.hasBegun ? [] : [{ kind: "started" }];
  return isCurrent ? first : [{ kind: "cancel" }];
}

/** Types of steps whose work goes on after a wait. The others have succeeded when it is over. */
const GO_ON: ReadonlySet<string> = new Set(["agent"]);

/** The run begins with the security profile that applies now, and keeps it. If it refuses a step, no step begins. */
async function beginRun(tx: Tx, meta: WriteMeta, loaded: LoadedRun): Promise<Parameters<typeof advanceRun>[3]> {
  const { profile, violations } = await judgeGraph(tx, meta, loaded.stateRun.graph);
  const [first, ...others] = violations;
  if (!first) return { events: eventsOfRun(loaded), profile };
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
};

type TakingStep = Taking & { readonly loaded: LoadedRun; readonly step: StepSnapshot; readonly instanceId: string };

async function takeStep(
  tx: Tx,
  meta: WriteMeta,
  { loaded, step, leaseSeconds, secrets, instanceId }: TakingStep,
): Promise<TakenStep | null> {
  if (step.status === "RUNNING" || step.status === "WAITING" || step.compensation === "RUNNING") {
    await endDue(tx, meta, loaded, step);
    return null;
  }
  const isCompensation = step.compensation === "READY";
  const event: RunEvent = { kind: isCompensation ? "compensationBegun" : "begun", step: step.id };
  // Decided before anything is written, so that the work of a step that cannot begin is not done.
  const begun = advance(loaded.stateRun.graph, loaded.run, event, loaded.now);
  const snapshot = begun.isStale ? undefined : begun.run.steps.get(step.id);
  const attempt = snapshot && attemptOf(loaded, snapshot);
  if (begun.isStale || !attempt) return null;
  const input = await inputOfStep(tx, meta, { secrets, loaded, run: begun.run, step: attempt.snapshot, work: attempt.work });
  const type = TRANSACTIONAL_STEPS.get(attempt.work.type);
  if (input.ok && !type) {
    const leaseToken = newLease();
    const dueAt = new Date(Date.parse(loaded.now) + leaseSeconds * 1000).toISOString();
    await advanceRun(tx, meta, loaded, { events: [event], looks: [{ step: step.id, dueAt, leaseToken }] });
    const { attempt: number, work } = attempt;
    return { runId: loaded.row.id, instanceId, step: step.id, leaseToken, attempt: number, isCompensation, work, ...input.taken };
  }
  const report =
    input.ok && type
      ? await doTransactionalWork(tx, meta, {
          type,
          doing: { ...attempt, loaded: { ...loaded, run: begun.run }, input: input.taken.input },
        })
      : stepFailure(input.ok ? "INTERNAL" : input.code, input.ok ? "" : input.message, true);
  await advanceRun(tx, meta, loaded, { events: [event, ...eventsOf(attempt, report)], looks: looksOf(attempt.step, report) });
  chaos("runs.done-inside");
  return null;
}

/** A lease that is over means that the worker is lost. What waits without one has come to its time. */
async function endDue(tx: Tx, meta: WriteMeta, loaded: LoadedRun, snapshot: StepSnapshot): Promise<void> {
  const attempt = attemptOf(loaded, snapshot);
  if (attempt === null) return;
  const { step, attempt: number, isCompensation } = attempt;
  const isWorkers = isCompensation ? loaded.rows.get(step)?.leaseToken !== null : snapshot.status === "RUNNING";
  if (!isWorkers && GO_ON.has(attempt.work.type)) {
    const event: RunEvent = { kind: "continues", step, attempt: number, isCompensation };
    return void (await advanceRun(tx, meta, loaded, { events: [event] }));
  }
  if (!isWorkers) {
    const report = await lookAtWaiting(tx, meta, { ...attempt, loaded });
    const events = report.kind === "waits" ? [] : eventsOf(attempt, report);
    return void (await advanceRun(tx, meta, loaded, { events, looks: looksOf(step, report) }));
  }
  const error = { code: "WORKER_LOST", message: "The worker was lost.", isFinal: false };
  const event: RunEvent = isCompensation
    ? { kind: "compensationFailed", step, attempt: number, error }
    : { kind: "lost", step, attempt: number };
  await advanceRun(tx, meta, loaded, { events: [event] });
}

const eventsOf = (attempt: StepAttempt, report: StepReport): RunEvent[] => {
  const event = eventOfReport(attempt, report);
  return event ? [event] : [];
};

/** What it waits for can have happened before the wait is recorded. */
const nowIfOver = async (tx: Tx, { now }: LoadedRun, report: StepReport): Promise<StepReport> =>
  report.kind === "waits" && (await report.isOver?.(tx)) === true ? { kind: "waits", until: now } : report;

/** What waits has no lease. */
const looksOf = (step: string, report: StepReport): NextLook[] =>
  report.kind === "waits" ? [{ step, dueAt: report.until, leaseToken: null }] : [];

type Reported = Omit<TakenStep, "input" | "work" | "secrets" | "profile">;

/** Writes what has become of a step. Returns false if the report is stale: the run has stopped, or another worker has taken the step over. */
export async function reportStep(tx: Tx, meta: WriteMeta, taken: Reported, report: StepReport): Promise<boolean> {
  const loaded = await loadRun(tx, meta, taken);
  if (loaded === null || loaded.rows.get(taken.step)?.leaseToken !== taken.leaseToken) return false;
  const advanced = await advanceRun(tx, meta, loaded, {
    events: eventsOf(taken, report),
    looks: looksOf(taken.step, await nowIfOver(tx, loaded, report)),
  });
  return advanced !== null;
}
