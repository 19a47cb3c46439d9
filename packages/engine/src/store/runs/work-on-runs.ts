/**
 * What a worker does in one transaction: it reports the results of its steps, does what is due, and takes the steps that can begin now. One statement
 * reads all runs concerned, and one writes them, so a step costs a worker a share of a transaction.
 */
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { isEnded } from "../../core/automation/run-draft.js";
import type { RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import { loadRuns } from "./load-run.js";
import type { LoadedRun } from "./loaded-run.js";
import { followSuspension } from "./follow-suspension.js";
import { rememberProfiles } from "../run-rules/profile.js";
import { flushAtEnd, holdWrites } from "./held-writes.js";
import { emitRoom, type EmitAllowance, type EmitRoom } from "./emit-room.js";
import { postponeDue } from "./due-run.js";
import type { DueRun } from "./runs.store.js";
import type { WorkerReport } from "./step-report.js";
import { queueOf, queueRoom, type QueueRoom } from "./queue-room.js";
import { withoutSecretsOfRun } from "./result-secrets.js";
import { reportLoaded, takeLoaded, type ReportedStep, type TakenStep, type Taking } from "./take-step.js";
import { isOfWeft, type TakesStep } from "./worker-steps.js";

export type StepResult<Taken extends ReportedStep = ReportedStep> = { readonly taken: Taken; readonly report: WorkerReport };

export type RunWork = Omit<Taking, "emits"> & {
  readonly results: readonly StepResult[];
  readonly due: readonly DueRun[];
  /** Maximum number of steps to take. */
  readonly room: number;
  /** Events that steps can emit. Absent: as many as they like. */
  readonly emits?: EmitAllowance;
  /** Leaves runs that another transaction has locked, and those of child instances, instead of waiting for them. */
  readonly skipLocked: boolean;
  /** Which steps it takes. Absent: those that workers of Weft do. */
  readonly takes?: TakesStep;
  /** Whether the results are searched for the secrets of their runs, because nobody has done so. */
  readonly seeksSecrets?: boolean;
  /** Called before the end of the transaction with what it has recorded and taken. */
  readonly beforeEnd?: (tx: Tx, done: Recorded) => Promise<void>;
};

/** `recorded`: the results that were current. */
export type Recorded = { readonly recorded: readonly StepResult[]; readonly taken: readonly TakenStep[] };

export type RunWorkDone = {
  readonly taken: readonly TakenStep[];
  /** The results that were current. */
  readonly recorded: readonly StepResult[];
  /** IDs of the runs that nothing was done for, because others have locked them. */
  readonly left: ReadonlySet<string>;
  /** IDs of instances whose runs have ended. */
  readonly ended: readonly string[];
  /** Whether other steps of the runs can begin, for which there was no room. */
  readonly isMoreReady: boolean;
  /** Number of events that steps have emitted. */
  readonly emitted: number;
};

/**
 * Results of attempts that are no longer current change nothing. If it throws, nothing has been done. Nothing can follow in the transaction: what is written
 * is sent with its commit.
 */
export async function workOnRuns(tx: Tx, meta: WriteMeta, work: RunWork): Promise<RunWorkDone> {
  const results = Map.groupBy(work.results, ({ taken }) => taken.runId);
  const due = Map.groupBy(work.due, ({ runId }) => runId);
  const ids = new Set([...results.keys(), ...due.keys()]);
  if (ids.size === 0) return { taken: [], recorded: [], left: ids, ended: [], isMoreReady: false, emitted: 0 };
  rememberProfiles(tx);
  // One by one, the ends of runs wait for tasks that other transactions have locked.
  holdWrites(tx, { withChanges: work.skipLocked });
  const loaded = await loadRuns(tx, meta, [...ids], { skipLocked: work.skipLocked });
  const taken: TakenStep[] = [];
  const recorded: StepResult[] = [];
  const { takes = isOfWeft } = work;
  const queues = queueRoom(tx, loaded);
  const emits = emitRoom(work.emits);
  // In the order in which they wait, not in that of their locks.
  const places = new Map([...ids].map((id, place) => [id, place]));
  const inOrder = loaded.toSorted((one, other) => (places.get(one.row.id) ?? 0) - (places.get(other.row.id) ?? 0));
  for (const run of inOrder) {
    const { id } = run.row;
    const reported = results.get(id) ?? [];
    let areStale = reported.length > 0;
    for (const result of reported) {
      const { taken: attempt, report } = result;
      const sought = { secrets: work.secrets, tenantId: meta.tenantId, loaded: run };
      const stored = work.seeksSecrets ? await withoutSecretsOfWork(tx, sought, report) : report;
      if (!(await reportLoaded(tx, meta, run, { taken: attempt, report: stored }))) continue;
      recorded.push(result);
      areStale = false;
    }
    // A worker whose attempt is over has no part in the run any more.
    if (areStale && !due.has(id)) continue;
    // What a suspended tenant has at work ends, and nothing begins. It is found again when the tenant is active.
    const ownDue = (due.get(id) ?? []).filter(({ isNamed }) => !isNamed || isDue(run));
    if (run.isTenantActive) await takeDueOf(tx, meta, run, { work, due: ownDue, taken, queues, emits, takes });
    chaos("runs.worked");
  }
  const found = new Set(loaded.map(({ row }) => row.id));
  if (!work.skipLocked) for (const one of work.due) if (!found.has(one.runId)) await postponeDue(tx, one);
  await work.beforeEnd?.(tx, { recorded, taken });
  await flushAtEnd(tx);
  chaos("runs.written");
  const ended = loaded.filter(({ run: { status } }) => isEnded(status)).map(({ row }) => row.instanceId);
  const left = new Set(work.skipLocked ? [...ids].filter((id) => !found.has(id)) : []);
  return {
    taken,
    recorded,
    ended,
    left,
    emitted: emits.count(),
    isMoreReady:
      (taken.length >= work.room || work.due.some(({ isNamed }) => isNamed)) &&
      loaded.some((run) => run.isTenantActive && nextReady(run, { tried: new Set(), takes }) !== undefined),
  };
}

/** What `takeDueOf` does: `taken` receives the steps. */
export type TakingDue = {
  readonly work: Omit<Taking, "emits"> & Pick<RunWork, "room">;
  readonly due: readonly DueRun[];
  readonly taken: TakenStep[];
  readonly queues: QueueRoom;
  readonly emits: EmitRoom;
  readonly takes: TakesStep;
};

/** Does what is due, and then takes steps that have become ready by it or by results, which saves their own transaction. */
export async function takeDueOf(
  tx: Tx,
  meta: WriteMeta,
  loaded: LoadedRun,
  { work, due, taken, queues, emits, takes }: TakingDue,
): Promise<void> {
  const { leaseSeconds, secrets } = work;
  for (const one of due) {
    // Steps that can begin are taken below.
    if (!isReady(loaded.run.steps.get(one.step ?? ""))) await takeLoaded(tx, meta, loaded, { due: one, leaseSeconds, secrets, emits });
  }
  await followSuspension(tx, meta, loaded);
  const tried = new Set<string>();
  for (let next = nextReady(loaded, { tried, takes }); next && taken.length < work.room; next = nextReady(loaded, { tried, takes })) {
    tried.add(next.id);
    // A run that goes on, or that was not found among the others, does not overtake those that wait in the queue.
    if ((due.every(({ isNamed }) => isNamed) && queueOf(loaded, next) !== null) || !(await queues.has(loaded, next))) continue;
    const { id: runId, instanceId } = loaded.row;
    const step = await takeLoaded(tx, meta, loaded, { due: { runId, instanceId, step: next.id }, leaseSeconds, secrets, emits });
    if (!step) continue;
    taken.push(step);
    queues.take(loaded, next);
  }
}

const withoutSecretsOfWork = (tx: Tx, sought: Parameters<typeof withoutSecretsOfRun>[1], report: WorkerReport): Promise<WorkerReport> =>
  report.kind === "released" ? Promise.resolve(report) : withoutSecretsOfRun(tx, sought, report);

/** What a message names can have been done before, or be postponed. */
const isDue = ({ row: { dueAt }, now }: LoadedRun): boolean => dueAt !== null && Date.parse(dueAt) <= Date.parse(now);

const isReady = (step: StepSnapshot | undefined): boolean => step?.status === "READY" || step?.compensation === "READY";

/** Returns the first step that can begin now. Those that wait for room among the steps at work are not due. */
export function nextReady(
  loaded: LoadedRun,
  { tried, takes }: { readonly tried: ReadonlySet<string>; readonly takes: TakesStep },
): StepSnapshot | undefined {
  const { run, rows, now } = loaded;
  if (!canTake(run)) return undefined;
  for (const step of run.steps.values()) {
    const dueAt = rows.get(step.id)?.dueAt ?? null;
    if (isReady(step) && !tried.has(step.id) && dueAt !== null && Date.parse(dueAt) <= Date.parse(now) && takes(loaded, step)) return step;
  }
  return undefined;
}

const canTake = ({ status }: RunSnapshot): boolean => status === "RUNNING" || status === "COMPENSATING";
