import { DAY_MS, fromLocal, toLocal } from "../calendar/zone.js";
import { linesOf } from "./lines.js";
import { minuteOf, minuteOfMs } from "./minutes.js";
import type { Plan, Schedule } from "./plan.js";

/**
 * Returns the days on which tasks are worked on, by task: those between start and finish on which the calendar of the task has working time. Days are numbers,
 * counted from 1970-01-01, in a time zone. Summary tasks and milestones take no day.
 */
export function workDaysOf(
  plan: Plan,
  schedule: Schedule,
  isWanted: (taskId: string) => boolean,
  timeZone: string,
): ReadonlyMap<string, readonly number[]> {
  const lines = linesOf(plan, schedule.startAt);
  const starts = new Map<number, number>();
  const startOf = (day: number): number => {
    const minute = starts.get(day) ?? minuteOfMs(fromLocal(timeZone, day * DAY_MS));
    starts.set(day, minute);
    return minute;
  };
  return new Map(
    plan.tasks.flatMap((task, place): [string, number[]][] => {
      const dates = schedule.tasks[place];
      if (!isWanted(task.id) || dates === undefined || dates.isSummary) return [];
      const line = lines(task);
      const [start, finish] = [minuteOf(dates.startAt), minuteOf(dates.finishAt)];
      const [first, last] = [dates.startAt, dates.finishAt].map((moment) => Math.floor(toLocal(timeZone, Date.parse(moment)) / DAY_MS));
      const days: number[] = [];
      for (let day = first ?? 0; day <= (last ?? -1); day++) {
        const [from, to] = [Math.max(start, startOf(day)), Math.min(finish, startOf(day + 1))];
        if (from < to && line.positionAt(to) > line.positionAt(from)) days.push(day);
      }
      return [[task.id, days]];
    }),
  );
}

/** Returns the Monday of a day's week. 1970-01-01 was a Thursday. */
export const mondayOf = (day: number): number => day - ((((day + 3) % 7) + 7) % 7);
