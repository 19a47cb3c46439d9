/**
 * Runs: lets events happen to the runs of steps, and writes what the core decides, in the transaction of the caller.
 * The result of a step, and everything that follows from it, is one transaction. Locks are taken in the order instance, run.
 * This module never does a step's work: workers do, while no transaction is open.
 */
import { chaos } from "@weft/platform/chaos";
import { afterCommit, named, type Tx } from "@weft/platform/db";
import { noteOfferedSteps, type WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { advance } from "../../core/automation/advance.js";
import { isUndecided } from "../../core/automation/compensations.js";
import type { RunEffect, RunEvent, RunSnapshot } from "../../core/model/run.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";
import { beginsAttempt, Figures, type PastAttempt, type UsedByStep } from "./attempts.js";
import { writeRun } from "./held-writes.js";
import type { LoadedRun } from "./loaded-run.js";
import { receiveEnd } from "./receive-end.js";
import { runEvents } from "./run-events.js";
import { openStepIncident } from "./run-incidents.js";
import type { RunWrite } from "./runs.store.js";
import { eventOfReport } from "./step-report.js";
import { isReadyStep, type ScheduledStep, stepWrites } from "./step-writes.js";
import { attemptOf, doTransactionalWork, stopWaiting } from "./transactional-work.js";
import { notifyOfRun } from "./types/notify.js";
import { workflowStep } from "./types/workflow.js";

export type Advancing = {
  readonly events: readonly RunEvent[];
  /** When the steps at work are due again. */
  readonly scheduled?: readonly ScheduledStep[];
  /** The security profile with which the run begins. */
  readonly profile?: SecurityProfile | undefined;
  readonly used?: UsedByStep | null;
  /** Whether it is paused, from now on, only because its instance is suspended. Absent: that stays. */
  readonly isSuspended?: boolean | undefined;
};

/** Lets events happen to a loaded run and writes the result. Returns the run afterwards; null if no event was current and nothing else changes. */
export async function advanceRun(
  tx: Tx,
  meta: WriteMeta,
  loaded: LoadedRun,
  { events, scheduled = [], profile, used = null, isSuspended }: Advancing,
): Promise<RunSnapshot | null> {
  const { row, stateRun, now } = loaded;
  let { run } = loaded;
  const changed = new Set<string>(row.hasBegun ? [] : run.steps.keys());
  const effects: RunEffect[] = [];
  const past: PastAttempt[] = [];
  const figures = new Figures(loaded, used);
  let attempts = 0;
  let isStale = events.length > 0 || (scheduled.length === 0 && (isSuspended ?? row.isSuspended) === row.isSuspended);
  // The signal to stop can be overwritten by a report that was on its way, so it is decided anew each time.
  const waiting: RunEvent[] = loaded.isCurrent ? [...events] : [{ kind: "cancel" }, ...events, ...decisions(run)];
  for (let event = waiting.shift(); event; event = waiting.shift()) {
    const advanced = advance(stateRun.graph, run, event, now);
    if (advanced.isStale) continue;
    isStale = false;
    const ended = figures.take(event, run, advanced.run, advanced.changed);
    if (ended) past.push(ended);
    run = advanced.run;
    if (beginsAttempt(event)) attempts++;
    effects.push(...advanced.effects);
    waiting.push(...advanced.effects.flatMap((effect) => stopsOfWaiting(run, effect)));
    if (!loaded.isCurrent) waiting.push(...decisions(run));
    for (const id of advanced.changed) changed.add(id);
  }
  if (isStale) return null;
  figures.close(run);
  // What follows reads the instance, or changes more than it.
  const mustWrite = effects.length > 0;
  const news = runEvents({ ...loaded, run }, loaded.run.status);
  const received = await receiveEnd(tx, meta, loaded, { run, events: news, mustWrite });
  const { concurrency } = profile ?? (row.profile as SecurityProfile | null) ?? stateRun.graph;
  const steps = stepWrites({ ...loaded, before: loaded.run, run, concurrency, figures }, changed, scheduled);
  const offered = steps.flatMap(({ offeredTask, step: { id } }) => (offeredTask === null ? [] : [id]));
  // In the same transaction, the worker that reported can have taken them.
  const areLeft = (): boolean => [...loaded.run.steps.values()].some((step) => offered.includes(step.id) && isReadyStep(step));
  if (offered.length > 0) afterCommit(tx, () => (areLeft() ? noteOfferedSteps(meta.tenantId) : undefined));
  await writeNext(tx, loaded, { run, steps, now, profile, isSuspended, attempts, past, usage: used?.usage ?? {}, ...received });
  if (effects.length > 0 || received.isReceived) loaded.read = null;
  for (const effect of effects) await perform(tx, meta, loaded, effect);
  chaos("runs.advanced");
  return run;
}

/** Writes the next version of a loaded run, and keeps what is in memory current. */
async function writeNext(tx: Tx, loaded: LoadedRun, write: Omit<RunWrite, "id" | "base" | "version">): Promise<void> {
  const { row, rows } = loaded;
  const base = row.version;
  const begins = write.run.status === "RUNNING" || write.run.status === "PAUSED";
  if (begins && !row.hasBegun && !write.profile) throw new Error(`the run ${row.id} begins without a security profile`);
  loaded.run = write.run;
  row.version++;
  row.hasBegun = true;
  if (write.profile) row.profile = write.profile;
  if (write.isSuspended !== undefined) row.isSuspended = write.isSuspended;
  for (const { step, dueAt, leaseToken, usage, attemptStartedAt } of write.steps) {
    const { attempt, compensationAttempt } = step;
    rows.set(step.id, { attempt, compensationAttempt, dueAt, leaseToken, usage, attemptStartedAt });
  }
  await writeRun(tx, { id: row.id, base, version: row.version, ...write });
}

/** An instance that has gone on has no incident, so nobody can decide about what could not be undone. */
const decisions = ({ steps }: RunSnapshot): RunEvent[] =>
  [...steps.values()].filter(isUndecided).map(({ id, attempt }) => ({ kind: "resolved", step: id, attempt, isRetried: false }));

/** Steps that only wait are stopped here: they have no worker that could be told. */
function stopsOfWaiting({ steps }: RunSnapshot, effect: RunEffect): RunEvent[] {
  if (effect.kind !== "stop") return [];
  return effect.steps.flatMap((id): RunEvent[] => {
    const step = steps.get(id);
    return step?.status === "WAITING" ? [{ kind: "stopped", step: id, attempt: step.attempt }] : [];
  });
}

const nothingBegun = { attempts: 0, past: [], usage: {} } as const;

/** What makes the run due again is a change of its instance, or of its steps. */
export async function runIsNotDue(tx: Tx, id: string): Promise<void> {
  const statement = sql`update workflows.runs r set due_at = null, failed_transactions = 0
    where r.tenant_id = app.tenant() and r.id = ${id}::uuid and not r.is_received`;
  await tx.execute(named("runIsNotDue", statement));
}

/** Passes the end of a run to its instance again. */
export async function receiveAgain(tx: Tx, meta: WriteMeta, loaded: LoadedRun): Promise<void> {
  const received = await receiveEnd(tx, meta, loaded, { run: loaded.run, events: [], mustWrite: false });
  if (!received.isReceived) return runIsNotDue(tx, loaded.row.id);
  await writeNext(tx, loaded, { run: loaded.run, steps: [], now: loaded.row.finishedAt ?? loaded.now, ...nothingBegun, ...received });
}

async function perform(tx: Tx, meta: WriteMeta, loaded: LoadedRun, effect: RunEffect): Promise<void> {
  const { row } = loaded;
  switch (effect.kind) {
    case "incident":
      await openStepIncident(tx, meta, row, effect.step, effect.message);
      return;
    case "stop":
      for (const id of effect.steps) await stopStep(tx, meta, loaded, id);
      return;
    case "notifyFailure": {
      const { title = effect.step } = loaded.stateRun.graph.steps.get(effect.step) ?? {};
      return notifyOfRun(tx, meta, loaded, { to: effect.to, title: `${title} has failed: ${effect.error.message}` });
    }
    case "fallBack":
      return fallBack(tx, meta, loaded, effect);
    default:
      effect satisfies never;
  }
}

/** Starts the automation that a step falls back to. What waits for nothing, because it could not be started or has already ended, ends here. */
async function fallBack(
  tx: Tx,
  meta: WriteMeta,
  loaded: LoadedRun,
  { step, key, inputs }: Extract<RunEffect, { readonly kind: "fallBack" }>,
): Promise<void> {
  const snapshot = loaded.run.steps.get(step);
  const attempt = snapshot?.status === "WAITING" ? attemptOf(loaded, snapshot) : null;
  if (attempt === null) return;
  const doing = { ...attempt, loaded, input: { key, inputs } };
  const report = await doTransactionalWork(tx, meta, { type: workflowStep, doing });
  const event = report.kind === "waits" ? null : eventOfReport(attempt, report);
  if (event) await advanceRun(tx, meta, loaded, { events: [event] });
}

/** Workers are told to stop when they extend their leases. What waits has no worker: it has been canceled, and what it waited for ends here. */
async function stopStep(tx: Tx, meta: WriteMeta, loaded: LoadedRun, id: string): Promise<void> {
  const snapshot = loaded.run.steps.get(id);
  const attempt = snapshot?.status === "CANCELLED" ? attemptOf(loaded, snapshot) : null;
  if (attempt) await stopWaiting(tx, meta, { ...attempt, loaded });
}
