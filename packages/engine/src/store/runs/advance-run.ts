/**
 * Runs: lets events happen to the runs of steps, and writes what the core decides, in the transaction of the caller.
 * The result of a step, and everything that follows from it, is one transaction. Locks are taken in the order instance, run.
 * This room never does a step's work: workers do, while no transaction is open.
 */
import { chaos, newId, type Tx, type WriteMeta } from "@weft/shared";
import { advance } from "../../core/automation/advance.js";
import { newRun } from "../../core/automation/new-run.js";
import type { StepGraph } from "../../core/model/automation.js";
import type { JsonObject } from "../../core/model/json.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";
import type { RunEffect, RunEvent, RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import { receiveCall } from "../calls/receive.js";
import { findMachine } from "../definition/machines.js";
import { openIncident } from "../incidents/incidents.js";
import { findInstances, lockInstance } from "../model/snapshot.js";
import type { LoadedRun } from "./loaded-run.js";
import { factsOf, findRunSteps, lockRun, snapshotOfStep, writeRun, type RunStepRow, type StepWrite } from "./runs.store.js";
import { attemptOf, stopWaiting } from "./transactional-work.js";

export type { LoadedRun };

/** Seconds after which a result that could not be received yet is passed to the instance again. */
const RECEIVE_SECONDS = 5;

/** Locks a run and reads it. Null: there is none, or its end has had its effect. */
export async function loadRun(
  tx: Tx,
  meta: WriteMeta,
  { instanceId, runId }: { readonly instanceId: string; readonly runId: string },
): Promise<LoadedRun | null> {
  await lockInstance(tx, instanceId);
  const locked = await lockRun(tx, runId);
  if (locked === null || locked.run.isReceived) return null;
  const { run: row, now } = locked;
  const [read] = await findInstances(tx, [instanceId]);
  const machine = await findMachine(tx, meta.tenantId, row.definitionId);
  const stateRun = machine?.states.get(row.state)?.run ?? null;
  if (!read || stateRun === null) {
    const message = "The definition of the steps can no longer be read.";
    if (read?.head.status === "RUNNING")
      await openIncident(tx, meta, instanceId, { kind: "DEFINITION", message, place: `states.${row.state}.run` });
    return null;
  }
  const rows = new Map((await findRunSteps(tx, runId)).map((step) => [step.step, step]));
  const fresh = newRun(
    stateRun.graph,
    row.inputs as JsonObject,
    factsOf({ id: row.id, startedAt: row.createdAt, ownerId: read.head.ownerId }),
  );
  const steps = new Map<string, StepSnapshot>(fresh.steps);
  for (const [id, step] of rows) steps.set(id, snapshotOfStep(step));
  const run: RunSnapshot = {
    ...fresh,
    status: row.status as RunSnapshot["status"],
    ending: row.ending as RunSnapshot["ending"],
    outputs: row.outputs as JsonObject | null,
    steps,
  };
  const isCurrent = read.head.finishedAt === null && read.head.state === row.state;
  return { row, stateRun, run, rows, isCurrent, now };
}

/** A step that a worker begins with this event, or the time at which a waiting step is looked at; null: it waits for something else. */
export type NextLook = { readonly step: string; readonly dueAt: string | null; readonly leaseToken: string | null };

export type Advancing = {
  readonly events: readonly RunEvent[];
  readonly looks?: readonly NextLook[];
  /** The security profile with which the run begins. */
  readonly profile?: SecurityProfile | undefined;
};

/** Lets events happen to a loaded run and writes the result. Returns the run afterwards; null if no event was current and no time changes. */
export async function advanceRun(
  tx: Tx,
  meta: WriteMeta,
  loaded: LoadedRun,
  { events, looks = [], profile }: Advancing,
): Promise<RunSnapshot | null> {
  const { row, stateRun, now } = loaded;
  let { run } = loaded;
  const changed = new Set<string>(row.hasBegun ? [] : run.steps.keys());
  const effects: RunEffect[] = [];
  let isStale = events.length > 0 || looks.length === 0;
  const waiting = [...events];
  for (let event = waiting.shift(); event; event = waiting.shift()) {
    const advanced = advance(stateRun.graph, run, event, now);
    if (advanced.isStale) continue;
    isStale = false;
    run = advanced.run;
    effects.push(...advanced.effects);
    waiting.push(...advanced.effects.flatMap((effect) => stopsOfWaiting(run, effect)));
    for (const id of advanced.changed) changed.add(id);
  }
  if (isStale) return null;
  const received = await receiveEnd(tx, meta, loaded, run);
  const { concurrency } = profile ?? (row.profile as SecurityProfile | null) ?? stateRun.graph;
  const steps = stepWrites({ ...loaded, run, concurrency }, changed, looks);
  await writeRun(tx, { id: row.id, run, steps, now, profile, ...received });
  for (const effect of effects) await perform(tx, meta, { ...loaded, run }, effect);
  chaos("runs.advanced");
  return run;
}

/** Steps that only wait are stopped here: they have no worker that could be told. */
function stopsOfWaiting({ steps }: RunSnapshot, effect: RunEffect): RunEvent[] {
  if (effect.kind !== "stop") return [];
  return effect.steps.flatMap((id): RunEvent[] => {
    const step = steps.get(id);
    return step?.status === "WAITING" ? [{ kind: "stopped", step: id, attempt: step.attempt }] : [];
  });
}

/** The end of a run acts on its instance in the same transaction. An instance that is suspended or has an incident receives it later. */
async function receiveEnd(
  tx: Tx,
  meta: WriteMeta,
  { row, stateRun, isCurrent, now }: LoadedRun,
  run: RunSnapshot,
): Promise<{ readonly isReceived: boolean; readonly dueAt: string | null }> {
  if (run.status !== "SUCCEEDED" && run.status !== "FAILED" && run.status !== "CANCELED") return { isReceived: false, dueAt: null };
  if (run.status === "CANCELED" && !isCurrent) return { isReceived: true, dueAt: null };
  const ended =
    run.status === "SUCCEEDED" ? { isDone: true as const, result: run.outputs ?? {} } : { isDone: false as const, error: errorTextOf(run) };
  const { status } = await receiveCall(tx, meta, {
    instanceId: row.instanceId,
    integration: "steps",
    followUp: stateRun.followUp,
    settledVersion: row.instanceVersion,
    isSuperseded: false,
    ended,
  });
  if (status !== "WAITING") return { isReceived: true, dueAt: null };
  return { isReceived: false, dueAt: new Date(Date.parse(now) + RECEIVE_SECONDS * 1000).toISOString() };
}

/** Passes the end of a run to its instance again. */
export async function receiveAgain(tx: Tx, meta: WriteMeta, loaded: LoadedRun): Promise<void> {
  const received = await receiveEnd(tx, meta, loaded, loaded.run);
  await writeRun(tx, { id: loaded.row.id, run: loaded.run, steps: [], now: loaded.row.finishedAt ?? loaded.now, ...received });
}

function errorTextOf({ status, ending, steps }: RunSnapshot): string {
  if (status === "CANCELED") return "The run was canceled.";
  if (ending?.error) return ending.error.message;
  const step = steps.get(ending?.step ?? "");
  return step?.error ? `Step ${step.id}: ${step.error.message}` : "The run failed.";
}

type Looked = Pick<LoadedRun, "rows" | "now" | "stateRun"> & {
  readonly run: RunSnapshot;
  /** Of the security profile. */
  readonly concurrency: number;
};

/** The changed steps, and those that wait for room among the steps at work and have it now. */
function stepWrites(
  { run, rows, now, stateRun, concurrency }: Looked,
  changed: ReadonlySet<string>,
  looks: readonly NextLook[],
): StepWrite[] {
  const looked = new Map(looks.map((look) => [look.step, look]));
  const allowed = readyWithRoom(stateRun.graph, run, concurrency);
  const writes: StepWrite[] = [];
  for (const step of run.steps.values()) {
    const row = rows.get(step.id);
    const look = looked.get(step.id);
    const isReady = step.status === "READY" || step.compensation === "READY";
    const kept = isReady ? (allowed.has(step.id) ? (step.notBefore ?? now) : null) : keptDue(step, row);
    const dueAt = look && isOpen(step) ? look.dueAt : kept;
    const leaseToken = look ? look.leaseToken : dueAt === null || isReady ? null : (row?.leaseToken ?? null);
    if (changed.has(step.id) || look || dueAt !== (row?.dueAt ?? null)) writes.push({ step, dueAt, leaseToken });
  }
  return writes;
}

const isOpen = ({ status, compensation }: StepSnapshot): boolean =>
  status === "RUNNING" || status === "WAITING" || compensation === "RUNNING";

/** A lease, or a time that is waited for, is kept until the attempt ends. */
const keptDue = (step: StepSnapshot, row: RunStepRow | undefined): string | null =>
  isOpen(step) && row?.attempt === step.attempt ? row.dueAt : null;

/** The steps that can begin now, as many as there is room for, in the order of the graph. */
function readyWithRoom(graph: StepGraph, run: RunSnapshot, concurrency: number): ReadonlySet<string> {
  if (run.status === "PAUSED") return new Set();
  const steps = [...run.steps.values()];
  const busy = steps.filter(({ status }) => status === "RUNNING").length;
  const place = new Map(graph.order.map((id, index) => [id, index]));
  const placeOf = ({ id, item }: StepSnapshot): number => (place.get(item?.of ?? id) ?? 0) * 10_000 + (item?.index ?? 0);
  const ready = steps
    .filter(({ status, compensation }) => status === "READY" || compensation === "READY")
    .sort((one, other) => placeOf(one) - placeOf(other));
  return new Set(ready.slice(0, Math.max(0, Math.min(graph.concurrency, concurrency) - busy)).map(({ id }) => id));
}

async function perform(tx: Tx, meta: WriteMeta, loaded: LoadedRun, effect: RunEffect): Promise<void> {
  const { row } = loaded;
  switch (effect.kind) {
    case "incident":
      await openIncident(tx, meta, row.instanceId, {
        kind: "JOB",
        message: effect.message.slice(0, 1000),
        place: `states.${row.state}.run.${effect.step}`,
      });
      return;
    case "stop":
      for (const id of effect.steps) await stopStep(tx, meta, loaded, id);
      return;
    case "notifyFailure":
    case "fallBack":
      return;
    default:
      effect satisfies never;
  }
}

/** Workers are told to stop when they extend their leases. What waits has no worker: it has been canceled, and what it waited for ends here. */
async function stopStep(tx: Tx, meta: WriteMeta, loaded: LoadedRun, id: string): Promise<void> {
  const snapshot = loaded.run.steps.get(id);
  const attempt = snapshot?.status === "CANCELED" ? attemptOf(loaded, snapshot) : null;
  if (attempt) await stopWaiting(tx, meta, { ...attempt, loaded });
}

export const newLease = (): string => newId();
