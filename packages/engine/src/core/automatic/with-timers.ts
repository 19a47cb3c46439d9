import type { Machine, MachineState } from "../model/machine.js";
import type { Outcome } from "../model/outcome.js";
import type { Snapshot } from "../model/snapshot.js";
import type { TimerToClear, TimerToSet } from "../model/timer.js";
import { ENTERS, snapshotAfter } from "../outcome/snapshot-after.js";
import { dueAtOf } from "../timers/due-at.js";
import { clearsAll, contextAfter, stateTimer, stateTimers } from "../timers/set.js";

type Chain = readonly [Outcome, ...Outcome[]];

const OF_STATE: TimerToClear = { kind: "STATE", name: null, taskId: null };

/** Adds to each outcome of a chain the timers that it sets and clears. Returns the same chain for a machine without timers. */
export function withTimers(machine: Machine, before: Snapshot, chain: Chain): Chain {
  if (!machine.usesTimers) return chain;
  const lastEntry = chain.findLastIndex(({ kind }) => ENTERS.has(kind));
  let snapshot = before;
  return chain.map((outcome, index): Outcome => {
    const earlier = snapshot;
    snapshot = snapshotAfter(snapshot, outcome);
    const { set, clear } = changesOf(machine, { before: earlier, after: snapshot, outcome, isPassing: index < lastEntry });
    if (set.length === 0 && clear.length === 0) return outcome;
    const depth = chain[0].timer && chain[0].timer.depth + 1;
    return {
      ...outcome,
      timersToSet: [...outcome.timersToSet, ...set.map((timer) => withDepth(timer, outcome, depth))],
      timersToClear: [...outcome.timersToClear, ...clear],
    };
  }) as unknown as Chain;
}

/** Timers that are due at once, set because of one another, could follow each other forever: they are counted. */
function withDepth(timer: TimerToSet, { at }: Outcome, depth: number | undefined): TimerToSet {
  return depth === undefined || Date.parse(timer.dueAt) > Date.parse(at) ? timer : { ...timer, payload: { ...timer.payload, depth } };
}

type Step = { readonly before: Snapshot; readonly after: Snapshot; readonly outcome: Outcome; readonly isPassing: boolean };
type Changes = { readonly set: readonly TimerToSet[]; readonly clear: readonly TimerToClear[] };

function changesOf(machine: Machine, { before, after, outcome, isPassing }: Step): Changes {
  if (outcome.outcome !== null) return { set: [], clear: outcome.timersToClear.length > 0 ? [] : clearsAll };
  const ofTasks = outcome.closeTasks.flatMap(({ id }): TimerToClear[] => {
    const rule = before.openTasks.find((task) => task.id === id)?.rule ?? "";
    return (machine.tasks.get(rule)?.timers.size ?? 0) > 0 ? [{ kind: "TASK", name: null, taskId: id }] : [];
  });
  // A migration decides about its timers itself, because it knows both versions.
  if (outcome.kind === "migration") return { set: [], clear: [] };
  const state = machine.states.get(outcome.to);
  const entersAnew = ENTERS.has(outcome.kind) && !(outcome.kind === "rollback" && outcome.from === outcome.to);
  if (!entersAnew) {
    const moved = movedTimers(machine, state, { before, after, outcome });
    return { set: moved.set, clear: [...ofTasks, ...moved.clear] };
  }
  const had = outcome.from !== null && (machine.states.get(outcome.from)?.timers.size ?? 1) > 0;
  return {
    set: state && !isPassing ? stateTimers(machine, state, after, outcome) : [],
    clear: [...ofTasks, ...(had ? [OF_STATE] : [])],
  };
}

/** Returns the timers whose time is a value of the data that has changed. */
function movedTimers(machine: Machine, state: MachineState | undefined, { before, after, outcome }: Omit<Step, "isPassing">): Changes {
  const { patch, removed } = outcome.dataChanges;
  if (!state || (removed.length === 0 && Object.keys(patch).length === 0)) return { set: [], clear: [] };
  const timed = [...state.timers.values()].filter(({ due }) => "at" in due);
  const [was, is] = [contextAfter(machine, before, outcome), contextAfter(machine, after, outcome)];
  const moved = timed.filter((timer) => JSON.stringify(dueAtOf(timer, "", was)) !== JSON.stringify(dueAtOf(timer, "", is)));
  return {
    set: moved.flatMap((timer) => stateTimer(timer, state, { at: outcome.at, context: is })),
    clear: moved.map(({ name }) => ({ kind: "STATE", name, taskId: null })),
  };
}
