/** The limits of a vendor on the days for which project tasks are planned. */
import { mondayOf } from "../../core/planning/work-days.js";
import { DAY_MS } from "../../core/calendar/zone.js";
import type { TaskDays } from "../planning/task-days.js";
import type { VendorWork } from "./vendor-load.js";

/** Null: no limit. */
export type DayLimits = { readonly perDay: number | null; readonly perWeek: number | null };

/** A day, or a week from Monday on, with more assignments than a limit allows. */
export type ExceededDays = {
  readonly per: "DAY" | "WEEK";
  /** The day, or the Monday, counted from 1970-01-01. */
  readonly day: number;
  readonly assignments: number;
  readonly limit: number;
};

/** Returns the days and weeks from the present ones on that exceed a limit, in their order, days first. */
export function exceededDays({ perDay, perWeek }: DayLimits, work: VendorWork, days: TaskDays): ExceededDays[] {
  const { day: today, requestsToday, requestsThisWeek, taskIds } = work;
  const planned = taskIds.map((id) => days.get(id) ?? []);
  const exceeded = (per: "DAY" | "WEEK", limit: number | null, first: number, given: number): ExceededDays[] => {
    if (limit === null) return [];
    const counts = new Map([[first, given]]);
    for (const ofTask of planned) {
      const own = new Set(per === "DAY" ? ofTask : ofTask.map(mondayOf));
      for (const day of own) if (day >= first) counts.set(day, (counts.get(day) ?? 0) + 1);
    }
    return [...counts]
      .filter(([, count]) => count > limit)
      .map(([day, assignments]) => ({ per, day, assignments, limit }))
      .sort((one, other) => one.day - other.day);
  };
  return [...exceeded("DAY", perDay, today, requestsToday), ...exceeded("WEEK", perWeek, mondayOf(today), requestsThisWeek)];
}

/** Returns on which day of a task the vendor has too many assignments, as the rest of a sentence about the vendor. Null if on none. */
export function dayExceeded(
  limits: DayLimits,
  { work, days, taskId }: { readonly work: VendorWork; readonly days: TaskDays; readonly taskId: string },
): string | null {
  const own = days.get(taskId) ?? [];
  const [ofDays, ofWeeks] = [new Set(own), new Set(own.map(mondayOf))];
  const found = exceededDays(limits, work, days).find(({ per, day }) => (per === "DAY" ? ofDays : ofWeeks).has(day));
  if (found === undefined) return null;
  const { per, day, assignments, limit } = found;
  const others = `${assignments - 1} other ${assignments === 2 ? "assignment" : "assignments"}`;
  return per === "DAY"
    ? `has ${others} on ${dateOf(day)}, for which the task is planned, and its limit perDay is ${limit}.`
    : `has ${others} in the week of ${dateOf(day)}, for which the task is planned, and its limit perWeek is ${limit}.`;
}

export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
