/**
 * Runs: lets events happen to the runs of steps, and writes what the core decides, in the transaction of the caller.
 * The result of a step, and everything that follows from it, is one transaction. Locks are taken in the order instance, run.
 * This room never does a step's work: workers do, while no transaction is open.
 */
import { afterCommit, appendEvents, chaos, named, newId, noteOfferedSteps, type AnyNewEvent, type Tx, type WriteMeta } from "@weft/shared";
import { sql } from "drizzle-orm";
import { advance } from "../../core/automation/advance.js";
import { isUndecided } from "../../core/automation/compensations.js";
import { newRun } from "../../core/automation/new-run.js";
import { isEnded } from "../../core/automation/run-draft.js";
import { endOfRun } from "../../core/automation/run-end.js";
import type { StateRun } from "../../core/model/automation.js";
import type { JsonObject } from "../../core/model/json.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";
import { storableText } from "../../core/model/values.js";
import type { RunEffect, RunEvent, RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import { receiveCall } from "../calls/receive.js";
import { findMachine } from "../definition/machines.js";
import { openIncident } from "../incidents/incidents.js";
import { beginsAttempt, Figures, type PastAttempt, type UsedByStep } from "./attempts.js";
import { causedBy } from "./cause.js";
import type { InstanceRead } from "../model/snapshot.js";
import type { BatchWrite } from "../outcome/write-batch.js";
import { flushWrites, holdChange, holdsChanges, isChangeHeld, writeRun } from "./held-writes.js";
import type { LoadedRun, StepLook } from "./loaded-run.js";
import { runEvents } from "./run-events.js";
import {
  factsOf,
  lockRuns,
  snapshotOfStep,
  type LockedRun,
  type LockedStep,
  type RunRow,
  type RunWrite,
  type StepWrite,
} from "./runs.store.js";
import { eventOfReport } from "./step-report.js";
import { attemptOf, doTransactionalWork, stopWaiting } from "./transactional-work.js";
import { notifyOfRun } from "./types/notify.js";
import { workflowStep } from "./types/workflow.js";
import { isOfWeft, taskOffered } from "./worker-steps.js";

export type { LoadedRun };

/** What incidents and calls name the steps of a state. */
export const STEPS = "steps";

/** Locks a run and reads it. Null: there is none, or its end has had its effect. */
export async function loadRun(
  tx: Tx,
  meta: WriteMeta,
  { runId }: { readonly instanceId: string; readonly runId: string },
): Promise<LoadedRun | null> {
  const [loaded] = await loadRuns(tx, meta, [runId], { skipLocked: false });
  return loaded ?? null;
}

/** Locks runs and reads them. Those that have ended, with the effect of that, are missing; see also `lockRuns`. */
export async function loadRuns(
  tx: Tx,
  meta: WriteMeta,
  runIds: readonly string[],
  options: { readonly skipLocked: boolean },
): Promise<LoadedRun[]> {
  await flushWrites(tx);
  const { now, isActive, instances, runs, stepsOf } = await lockRuns(tx, runIds, options);
  const loaded: LoadedRun[] = [];
  for (const row of runs) {
    const read = instances.get(row.instanceId);
    const machine = row.isReceived ? null : await findMachine(tx, meta.tenantId, row.definitionId);
    const stateRun = machine?.states.get(row.state)?.run;
    if (row.isReceived) continue;
    if (read && stateRun) loaded.push(loadedOf({ row, read, stateRun, steps: stepsOf.get(row.id) ?? [], now, isTenantActive: isActive }));
    else await becomeUnreadable(tx, meta, row, read);
  }
  return loaded;
}

async function becomeUnreadable(tx: Tx, meta: WriteMeta, row: LockedRun, read: InstanceRead | undefined): Promise<void> {
  const message = "The definition of the steps can no longer be read.";
  if (read?.head.status === "RUNNING")
    await openIncident(tx, causedBy(meta, row), row.instanceId, { kind: "DEFINITION", message, place: runPlace(row) });
}

/** What a loaded run is made of. */
export type RunParts = Pick<LoadedRun, "row" | "stateRun" | "now" | "isTenantActive"> & {
  readonly read: InstanceRead;
  readonly steps: readonly LockedStep[];
};

/** Returns the run as it is in memory. */
export function loadedOf({ row, read, stateRun, steps: stepRows, now, isTenantActive }: RunParts): LoadedRun {
  const { ownerId, finishedAt, state } = read.head;
  const fresh = newRun(stateRun.graph, row.inputs as JsonObject, factsOf({ id: row.id, startedAt: row.createdAt, ownerId }));
  const steps = new Map<string, StepSnapshot>(fresh.steps);
  for (const step of stepRows) steps.set(step.step, snapshotOfStep(step));
  const run: RunSnapshot = {
    ...fresh,
    status: row.status as RunSnapshot["status"],
    ending: row.ending as RunSnapshot["ending"],
    outputs: row.outputs as JsonObject | null,
    steps,
  };
  const rows = new Map(stepRows.map((step) => [step.step, step]));
  const isCurrent = row.leftAt === null && finishedAt === null && state === row.state;
  return { row, head: read.head, stateRun, run, rows, read, isCurrent, isTenantActive, now, instanceNow: read.now };
}

/** A step that a worker begins with this event, or the time at which a waiting step is looked at; null: it waits for something else. */
export type NextLook = { readonly step: string; readonly dueAt: string | null; readonly leaseToken: string | null };

export type Advancing = {
  readonly events: readonly RunEvent[];
  readonly looks?: readonly NextLook[];
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
  { events, looks = [], profile, used = null, isSuspended }: Advancing,
): Promise<RunSnapshot | null> {
  const { row, stateRun, now } = loaded;
  let { run } = loaded;
  const changed = new Set<string>(row.hasBegun ? [] : run.steps.keys());
  const effects: RunEffect[] = [];
  const past: PastAttempt[] = [];
  const figures = new Figures(loaded, used);
  let attempts = 0;
  let isStale = events.length > 0 || (looks.length === 0 && (isSuspended ?? row.isSuspended) === row.isSuspended);
  // The signal to stop can be overwritten by a report that was on its way, so every look decides anew.
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
  const told = runEvents({ ...loaded, run }, loaded.run.status);
  const received = await receiveEnd(tx, meta, loaded, { run, told, mustWrite });
  const { concurrency } = profile ?? (row.profile as SecurityProfile | null) ?? stateRun.graph;
  const steps = stepWrites({ ...loaded, before: loaded.run, run, concurrency, figures }, changed, looks);
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

type EndOfRun = {
  readonly run: RunSnapshot;
  /** Events of the run. They come before those of the instance, which follow its versions. */
  readonly told: readonly AnyNewEvent[];
  /** Whether the change of the instance must be written at once. */
  readonly mustWrite: boolean;
};

/**
 * The end of a run acts on its instance in the same transaction. An instance that is suspended or has an incident receives it when it continues: that
 * change makes the run due.
 */
async function receiveEnd(
  tx: Tx,
  meta: WriteMeta,
  loaded: LoadedRun,
  { run, told, mustWrite }: EndOfRun,
): Promise<{ readonly isReceived: boolean; readonly dueAt: string | null }> {
  const { row, stateRun, isCurrent } = loaded;
  const caused = causedBy(meta, row);
  const isReceived = run.status === "CANCELLED" && !isCurrent;
  if (isReceived || !isEnded(run.status)) {
    await appendEvents(tx, caused, told);
    return { isReceived, dueAt: null };
  }
  if (isChangeHeld(tx, row.instanceId)) {
    await flushWrites(tx);
    // Another run has changed the instance.
    loaded.read = null;
  }
  const hold = mustWrite || !holdsChanges(tx) ? undefined : (change: BatchWrite): void => holdChange(tx, change);
  const { status } = await receiveCall(tx, caused, {
    instanceId: row.instanceId,
    integration: STEPS,
    followUp: stateRun.followUp,
    settledVersion: row.instanceVersion,
    isSuperseded: false,
    isOneChange: true,
    ended: endOfRun(run),
    ...(loaded.read && { locked: loaded.read }),
    events: told,
    hold,
  });
  return { isReceived: status !== "WAITING", dueAt: null };
}

const nothingBegun = { attempts: 0, past: [], usage: {} } as const;

/** What makes the run due again is a change of its instance, or of its steps. */
export async function runIsNotDue(tx: Tx, id: string): Promise<void> {
  const statement = sql`update workflows.runs r set due_at = null, failed_transactions = 0
    where r.tenant_id = app.tenant() and r.id = ${id}::uuid and not r.is_received`;
  await tx.execute(named("runWasLookedAt", statement));
}

/** Passes the end of a run to its instance again. */
export async function receiveAgain(tx: Tx, meta: WriteMeta, loaded: LoadedRun): Promise<void> {
  const received = await receiveEnd(tx, meta, loaded, { run: loaded.run, told: [], mustWrite: false });
  if (!received.isReceived) return runIsNotDue(tx, loaded.row.id);
  await writeNext(tx, loaded, { run: loaded.run, steps: [], now: loaded.row.finishedAt ?? loaded.now, ...nothingBegun, ...received });
}

type Looked = Pick<LoadedRun, "rows" | "now" | "stateRun"> & {
  readonly before: RunSnapshot;
  readonly run: RunSnapshot;
  readonly figures: Figures;
  /** Of the security profile. */
  readonly concurrency: number;
};

/** The changed steps, and those that wait for room among the steps at work and have it now. */
function stepWrites(
  { before, run, rows, now, stateRun, concurrency, figures }: Looked,
  changed: ReadonlySet<string>,
  looks: readonly NextLook[],
): StepWrite[] {
  const looked = new Map(looks.map((look) => [look.step, look]));
  const allowed = readyWithRoom(stateRun, run, concurrency);
  const writes: StepWrite[] = [];
  for (const step of run.steps.values()) {
    const row = rows.get(step.id);
    const look = looked.get(step.id);
    const isReady = isReadyStep(step);
    const kept = isReady ? (allowed.has(step.id) ? readyAt(step, before.steps.get(step.id), row, now) : null) : keptDue(step, row);
    const dueAt = look && isOpen(step) ? look.dueAt : kept;
    const leaseToken = look ? look.leaseToken : dueAt === null || isReady ? null : (row?.leaseToken ?? null);
    const { queue = null, priority = 0 } = stateRun.graph.steps.get(step.item?.of ?? step.id) ?? {};
    const offeredTask = isReady && dueAt !== null ? taskOffered({ stateRun }, step) : null;
    if (changed.has(step.id) || look || dueAt !== (row?.dueAt ?? null))
      writes.push({ step, dueAt, leaseToken, queue, priority, offeredTask, ...figures.of(step.id) });
  }
  return writes;
}

const isOpen = ({ status, compensation }: StepSnapshot): boolean =>
  status === "RUNNING" || status === "WAITING" || compensation === "RUNNING";

/** A lease, or a time that is waited for, is kept until the attempt ends. */
const keptDue = (step: StepSnapshot, row: StepLook | undefined): string | null =>
  isOpen(step) && row?.attempt === step.attempt ? row.dueAt : null;

const isReadyStep = ({ status, compensation }: StepSnapshot): boolean => status === "READY" || compensation === "READY";

/**
 * When a ready step is due. One that is due stays so, at the time since when it waits. One that was not, because its run was paused or there was no room,
 * has not waited for a worker: it is due from now on, however long ago it was to be tried again.
 */
function readyAt(step: StepSnapshot, before: StepSnapshot | undefined, row: StepLook | undefined, now: string): string {
  const at = step.notBefore !== null && Date.parse(step.notBefore) > Date.parse(now) ? step.notBefore : now;
  const isSameWait =
    before !== undefined &&
    isReadyStep(before) &&
    before.attempt === step.attempt &&
    before.compensationAttempt === step.compensationAttempt &&
    before.notBefore === step.notBefore;
  const since = isSameWait ? (row?.dueAt ?? null) : null;
  return since !== null && Date.parse(since) < Date.parse(at) ? since : at;
}

/**
 * The steps that can begin now, as many as there is room for, in the order of the graph. What is offered to external workers takes no room from the others
 * before it begins: nobody knows when one comes.
 */
function readyWithRoom(stateRun: StateRun, run: RunSnapshot, concurrency: number): ReadonlySet<string> {
  if (run.status === "PAUSED") return new Set();
  const { graph } = stateRun;
  const steps = [...run.steps.values()];
  const busy = steps.filter(({ status }) => status === "RUNNING").length;
  const place = new Map(graph.order.map((id, index) => [id, index]));
  const placeOf = ({ id, item }: StepSnapshot): number => (place.get(item?.of ?? id) ?? 0) * 10_000 + (item?.index ?? 0);
  const ready = steps.filter(isReadyStep).sort((one, other) => placeOf(one) - placeOf(other));
  const room = Math.max(0, Math.min(graph.concurrency, concurrency) - busy);
  const [own, offered] = [true, false].map((isOwn) => ready.filter((step) => isOfWeft({ stateRun }, step) === isOwn).slice(0, room));
  return new Set([...(own ?? []), ...(offered ?? [])].map(({ id }) => id));
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

/** Stops the instance until somebody decides about the step. An instance that is suspended or has another incident is stopped later. */
export async function openStepIncident(tx: Tx, meta: WriteMeta, row: LockedRun, step: string, message: string): Promise<void> {
  await flushWrites(tx);
  await openIncident(tx, causedBy(meta, row), row.instanceId, {
    kind: "JOB",
    message: storableText(message, 1000),
    place: stepPlace(row, step),
  });
}

/** How incidents name a run. */
export const runPlace = ({ state }: Pick<RunRow, "state">): string => `states.${state}.run`;

/** How incidents name a step. */
export const stepPlace = (run: Pick<RunRow, "state">, step: string): string => `${runPlace(run)}.${step}`;

/** Workers are told to stop when they extend their leases. What waits has no worker: it has been canceled, and what it waited for ends here. */
async function stopStep(tx: Tx, meta: WriteMeta, loaded: LoadedRun, id: string): Promise<void> {
  const snapshot = loaded.run.steps.get(id);
  const attempt = snapshot?.status === "CANCELLED" ? attemptOf(loaded, snapshot) : null;
  if (attempt) await stopWaiting(tx, meta, { ...attempt, loaded });
}

export const newLease = (): string => newId();
