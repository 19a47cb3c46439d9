import type { Machine } from "../model/machine.js";
import type { Outcome } from "../model/outcome.js";
import type { Snapshot } from "../model/snapshot.js";
import type { TimerToClear } from "../model/timer.js";
import { snapshotAfter } from "../outcome/snapshot-after.js";
import { stateTimers } from "../timers/set.js";

/**
 * Returns the outcome with the timers that continuing on another version sets and clears. A timer whose name the new state also has keeps its time; the
 * others count from now. Null for a machine: the version cannot be read.
 */
export function withMigratedTimers(from: Machine | null, to: Machine | null, before: Snapshot, outcome: Outcome): Outcome {
  if (from && !from.usesTimers && to && !to.usesTimers) return outcome;
  const was = from?.states.get(before.state)?.timers;
  const state = to?.states.get(outcome.to);
  const names = [...(was?.keys() ?? [])];
  const clear = was
    ? names.filter((name) => !state?.timers.has(name)).map((name): TimerToClear => ({ kind: "STATE", name, taskId: null }))
    : [{ kind: "STATE", name: null, taskId: null } as const];
  const ofTasks = outcome.closeTasks.flatMap(({ id }): TimerToClear[] => {
    const rule = before.openTasks.find((task) => task.id === id)?.rule ?? "";
    return !from || (from.tasks.get(rule)?.timers.size ?? 0) > 0 ? [{ kind: "TASK", name: null, taskId: id }] : [];
  });
  const set = to && state ? stateTimers(to, state, snapshotAfter(before, outcome), outcome).filter(({ name }) => !was?.has(name)) : [];
  return { ...outcome, timersToSet: set, timersToClear: [...clear, ...ofTasks] };
}
