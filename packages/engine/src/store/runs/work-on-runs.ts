/**
 * What a worker does in one transaction: it reports the results of its steps, does what is due, and takes the steps that can begin now. One statement
 * reads all runs concerned, and one writes them, so a step costs a worker a share of a transaction.
 */
import type { Tx, WriteMeta } from "@weft/shared";
import { isEnded } from "../../core/automation/run-draft.js";
import type { RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import { loadRuns, type LoadedRun } from "./advance-run.js";
import { flushWrites, holdWrites } from "./held-writes.js";
import type { DueRun } from "./runs.store.js";
import type { StepReport } from "./step-report.js";
import { reportLoaded, takeLoaded, type Reported, type TakenStep } from "./take-step.js";

export type StepResult = { readonly taken: Reported; readonly report: StepReport };

export type RunWork = {
  readonly results: readonly StepResult[];
  readonly due: readonly DueRun[];
  /** Maximum number of steps to take. */
  readonly room: number;
  readonly leaseSeconds: number;
  /** Leaves runs that another transaction has locked, and those of child instances, instead of waiting for them. */
  readonly skipLocked: boolean;
};

/** `left`: IDs of the runs that nothing was done for, because others have locked them. `ended`: IDs of instances whose runs have ended. */
export type RunWorkDone = { readonly taken: readonly TakenStep[]; readonly left: ReadonlySet<string>; readonly ended: readonly string[] };

/** Results of attempts that are no longer current change nothing. If it throws, nothing has been done. */
export async function workOnRuns(tx: Tx, meta: WriteMeta, work: RunWork): Promise<RunWorkDone> {
  const results = Map.groupBy(work.results, ({ taken }) => taken.runId);
  const due = Map.groupBy(work.due, ({ runId }) => runId);
  const ids = new Set([...results.keys(), ...due.keys()]);
  if (ids.size === 0) return { taken: [], left: ids, ended: [] };
  holdWrites(tx);
  const loaded = await loadRuns(tx, meta, [...ids], { skipLocked: work.skipLocked });
  const taken: TakenStep[] = [];
  for (const run of loaded) {
    const { id } = run.row;
    for (const result of results.get(id) ?? []) await reportLoaded(tx, meta, run, result);
    await takeDueOf(tx, meta, run, { work, due: due.get(id) ?? [], taken });
  }
  await flushWrites(tx);
  const found = new Set(loaded.map(({ row }) => row.id));
  const ended = loaded.filter(({ run: { status } }) => isEnded(status)).map(({ row }) => row.instanceId);
  return { taken, ended, left: new Set(work.skipLocked ? [...ids].filter((id) => !found.has(id)) : []) };
}

type Taking = { readonly work: RunWork; readonly due: readonly DueRun[]; readonly taken: TakenStep[] };

/** Does what is due, and then takes steps that have become ready by it or by results, which saves their own transaction. */
async function takeDueOf(tx: Tx, meta: WriteMeta, loaded: LoadedRun, { work, due, taken }: Taking): Promise<void> {
  const { leaseSeconds } = work;
  for (const one of due) {
    // Without room, a step that can begin is left to others; everything else is done.
    if (taken.length >= work.room && isReady(loaded.run.steps.get(one.step ?? ""))) continue;
    const step = await takeLoaded(tx, meta, loaded, { due: one, leaseSeconds });
    if (step) taken.push(step);
  }
  const tried = new Set<string>();
  for (let next = nextReady(loaded, tried); next && taken.length < work.room; next = nextReady(loaded, tried)) {
    tried.add(next);
    const { id: runId, instanceId } = loaded.row;
    const step = await takeLoaded(tx, meta, loaded, { due: { runId, instanceId, step: next }, leaseSeconds });
    if (step) taken.push(step);
  }
}

const isReady = (step: StepSnapshot | undefined): boolean => step?.status === "READY" || step?.compensation === "READY";

/** The first step that can begin now. Those that wait for room among the steps at work are not due. */
function nextReady({ run, rows, now }: LoadedRun, tried: ReadonlySet<string>): string | undefined {
  if (!canTake(run)) return undefined;
  for (const step of run.steps.values()) {
    const dueAt = rows.get(step.id)?.dueAt ?? null;
    if (isReady(step) && !tried.has(step.id) && dueAt !== null && Date.parse(dueAt) <= Date.parse(now)) return step.id;
  }
  return undefined;
}

const canTake = ({ status }: RunSnapshot): boolean => status === "RUNNING" || status === "COMPENSATING";
