/**
 * Lets runs begin in the write that starts them, if the worker of this process has room for their first steps: it then needs no transaction to begin
 * them. They are decided as a worker decides them, but without a transaction. A run for which this would need one, or which has steps that must wait,
 * starts without them, and a worker begins it.
 */
import type { Database } from "@weft/platform/db";
import type { Json } from "../../core/model/json.js";
import { cachedMachine } from "../definition/machines.js";
import { mapYielding } from "../model/map-yielding.js";
import { inStoredOrder } from "../model/stored-order.js";
import type { BegunRun } from "../outcome/instance-write.js";
import { rememberProfiles } from "../run-rules/profile.js";
import { loadedOf } from "../runs/load-run.js";
import { firstStepWorkerOf } from "../runs/first-steps.js";
import { holdWrites, takeHeldWrites } from "../runs/held-writes.js";
import type { LoadedRun } from "../runs/loaded-run.js";
import { emitRoom } from "../runs/emit-room.js";
import { queueRoom } from "../runs/queue-room.js";
import { stepRowsOf, type LockedRun } from "../runs/runs.store.js";
import type { TakenStep, Taking } from "../runs/take-step.js";
import { nextReady, takeDueOf } from "../runs/work-on-runs.js";
import { isOfWeft } from "../runs/worker-steps.js";
import type { Decided } from "./decide.js";
import { withoutTransaction } from "./no-transaction.js";
import type { BatchRead } from "./read.js";

/** The writes, some of which begin their runs, and what must follow them. */
export type BegunRuns = {
  readonly writes: readonly Decided[];
  /** Whether the run of the write begins with it, so that no worker must be told of it. */
  readonly hasBegun: (index: number) => boolean;
  /** Does the first steps of what is written. Must be called once, whatever has become of the writes. */
  readonly end: (isWritten: (index: number) => boolean) => void;
};

/** Steps that the worker makes room for, if no more runs are started. */
const MIN_WANTED = 32;

/** Takes the first steps of the runs that the writes start. */
export async function beginRuns(db: Database, tenantId: string, writes: readonly Decided[], read: BatchRead): Promise<BegunRuns> {
  const starts = writes.filter(({ write, before }) => write.runId !== undefined && before.version === 0).length;
  const worker = starts > 0 && read.isActive ? firstStepWorkerOf(db) : undefined;
  const places = worker?.reserve(tenantId, Math.max(MIN_WANTED, starts));
  if (!worker || !places) return { writes, hasBegun: () => false, end: () => undefined };
  const taken = new Map<number, readonly TakenStep[]>();
  let { room } = places;
  const begun = await mapYielding([...writes.entries()], async ([index, decided]) => {
    const first = room > 0 ? await beginRun(decided, read, { ...worker, room }) : null;
    if (!first) return decided;
    room -= first.taken.length;
    taken.set(index, first.taken);
    return { ...decided, write: { ...decided.write, begun: first.begun } };
  });
  places.release(room);
  return {
    writes: begun,
    hasBegun: (index) => taken.has(index),
    end: (isWritten) => places.begin([...taken].flatMap(([index, steps]) => (isWritten(index) ? steps : []))),
  };
}

type Work = Taking & { readonly room: number };

type First = { readonly begun: BegunRun; readonly taken: readonly TakenStep[] };

/** Takes all steps with which the run begins. Null: a worker must do so. */
async function beginRun(decided: Decided, read: BatchRead, work: Work): Promise<First | null> {
  try {
    return await takeFirst(decided, read, work);
  } catch {
    // The worker that begins the run does what needs a transaction, and reports every other error.
    return null;
  }
}

async function takeFirst(decided: Decided, read: BatchRead, work: Work): Promise<First | null> {
  const loaded = newlyLoaded(decided, read);
  if (!loaded) return null;
  const tx = withoutTransaction();
  rememberProfiles(tx, read.profiles);
  holdWrites(tx, { withChanges: true });
  const taken: TakenStep[] = [];
  const { id: runId, instanceId } = loaded.row;
  const due = [{ runId, instanceId, step: null, isNamed: true }] as const;
  const surroundings = { queues: queueRoom(tx, [loaded]), emits: emitRoom(undefined), takes: isOfWeft };
  await takeDueOf(tx, decided.meta, loaded, { work, due, taken, ...surroundings });
  const { writes, changes } = takeHeldWrites(tx);
  const [write, ...others] = writes;
  if (!write || others.length > 0 || changes.length > 0 || taken.length === 0) return null;
  const { run, isReceived, dueAt, past, profile, version, attempts, now } = write;
  const isPlain = run.status === "RUNNING" && run.ending === null && !isReceived && dueAt === null && past.length === 0;
  // All of them or none: what must wait is found by a worker, which then begins the run.
  const isReady = nextReady(loaded, { tried: new Set(), takes: () => true }) !== undefined;
  // External workers are told of what is offered when the transaction of a worker has ended.
  if (!isPlain || !profile || isReady) return null;
  return { begun: { now, version, attempts, profile, steps: stepRowsOf(write) }, taken };
}

/** Returns the run that the write starts, as a worker would read it afterwards. */
function newlyLoaded({ meta, write, before, after }: Decided, { clock: now }: BatchRead): LoadedRun | null {
  const { runId: id, occurredAt } = write;
  const stateRun = cachedMachine(meta.tenantId, after.definitionId)?.states.get(after.state)?.run;
  if (id === undefined || before.version !== 0 || !stateRun || now === null) return null;
  const row: LockedRun = {
    id,
    instanceId: after.id,
    definitionId: after.definitionId,
    state: after.state,
    instanceVersion: after.version,
    status: "RUNNING",
    ending: null,
    inputs: inStoredOrder(after.data as Json),
    outputs: null,
    hasBegun: false,
    isReceived: false,
    dueAt: now,
    version: 1,
    createdAt: occurredAt,
    finishedAt: null,
    leftAt: null,
    isWatched: false,
    secretInputs: null,
    profile: null,
    isSuspended: false,
    // Only what is done in the database has causes, and that needs a transaction.
    causeId: null,
  };
  const loaded = loadedOf({ row, read: { head: after, now: occurredAt, openTasks: [] }, stateRun, steps: [], now, isTenantActive: true });
  // There is no instance yet that could be changed.
  return { ...loaded, read: null };
}
