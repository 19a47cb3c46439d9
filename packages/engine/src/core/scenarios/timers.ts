import type { Outcome, TaskToOpen } from "../model/outcome.js";
import type { TimerToClear, TimerToSet } from "../model/timer.js";

/** A set timer of a scenario. */
export type SetTimer = TimerToSet & { readonly taskId?: string | undefined };

/** Returns the set timers after an outcome. `opened`: the tasks that it opens, with their IDs. */
export function timersAfter(
  before: readonly SetTimer[],
  { timersToSet, timersToClear }: Outcome,
  opened: readonly (TaskToOpen & { readonly id: string })[],
): readonly SetTimer[] {
  const ofTasks = opened.flatMap(({ id, timers = [] }) => timers.map((timer) => ({ ...timer, taskId: id })));
  const left = before.filter((timer) => !timersToClear.some((clear) => isMeant(timer, clear)));
  return [...left, ...[...timersToSet, ...ofTasks].filter(({ reason }) => reason === undefined)];
}

const isMeant = (timer: SetTimer, { kind, name, taskId }: TimerToClear): boolean =>
  (kind === null || timer.kind === kind) && (name === null || timer.name === name) && (taskId === null || timer.taskId === taskId);

/** Returns the timer that is due first, until a time. Of several at one time, the one that was set first. */
export function nextDue(timers: readonly SetTimer[], until: string): SetTimer | undefined {
  const due = timers.filter(({ dueAt }) => Date.parse(dueAt) <= Date.parse(until));
  return due.toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt))[0];
}
