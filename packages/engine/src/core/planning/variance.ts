import { between, linesOf } from "./lines.js";
import type { Plan, Schedule, TimeSpan } from "./plan.js";

/** By how many working minutes dates are later than planned before. Negative if they are earlier. */
export type DateVariance = { readonly startByMinutes: number; readonly finishByMinutes: number };

export type ScheduleVariance = {
  /** Of the project, by its calendar. */
  readonly total: DateVariance;
  /** Of the tasks that have earlier dates, by their calendars. */
  readonly tasks: ReadonlyMap<string, DateVariance>;
};

export type EarlierDates = TimeSpan & { readonly tasks: ReadonlyMap<string, TimeSpan> };

/** Compares a schedule with dates of an earlier one. */
export function varianceOf(plan: Plan, schedule: Schedule, earlier: EarlierDates): ScheduleVariance {
  const lines = linesOf(plan, schedule.startAt);
  const tasks = plan.tasks.flatMap((task, place): [string, DateVariance][] => {
    const [from, to] = [earlier.tasks.get(task.id), schedule.tasks[place]];
    const line = lines(task);
    return from && to
      ? [[task.id, { startByMinutes: between(line, from.startAt, to.startAt), finishByMinutes: between(line, from.finishAt, to.finishAt) }]]
      : [];
  });
  const line = lines({ calendar: null });
  return {
    total: {
      startByMinutes: between(line, earlier.startAt, schedule.startAt),
      finishByMinutes: between(line, earlier.finishAt, schedule.finishAt),
    },
    tasks: new Map(tasks),
  };
}
