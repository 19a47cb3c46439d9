/** Counts working time: seconds within working hours. */
import type { Calendar } from "../model/calendar.js";
import { lastAtMost, workedBefore, workingYear } from "./working-year.js";
import { DAY_MS, startOfYear } from "./zone.js";

/** How far from its start a result can be. A calendar can have no working time at all. */
export const MAX_SEARCH_MS = 3660 * DAY_MS;

const yearOf = (moment: number): number => new Date(moment).getUTCFullYear();

/** Returns the working milliseconds from one moment to another: negative if `to` is earlier. Takes time for each year between them. */
export function workingMillisecondsBetween(calendar: Calendar, from: number, to: number): number {
  if (to < from) return 0 - workingMillisecondsBetween(calendar, to, from);
  const last = yearOf(to);
  let worked = workedBefore(workingYear(calendar, last), to);
  for (let year = yearOf(from); year < last; year++) worked += workingYear(calendar, year).total;
  return worked - workedBefore(workingYear(calendar, yearOf(from)), from);
}

/**
 * Returns the first moment at which `amount` working milliseconds have passed since `from`; for a negative amount, the last moment from which `-amount`
 * working milliseconds pass until `from`. Null if there is none within ten years.
 */
export function addWorkingMilliseconds(calendar: Calendar, from: number, amount: number): number | null {
  if (amount === 0) return from;
  const step = amount > 0 ? 1 : -1;
  let year = yearOf(from);
  let table = workingYear(calendar, year);
  let left = workedBefore(table, from) + amount;
  while (amount > 0 ? left > table.total : left < 0) {
    const passed = amount > 0 ? table.total : 0;
    year += step;
    if (Math.abs(startOfYear(year) - from) > MAX_SEARCH_MS) return null;
    table = workingYear(calendar, year);
    left += amount > 0 ? -passed : table.total;
  }
  // Going forward, the end of an interval is meant rather than the start of the next one.
  const index = lastAtMost(table.before, left);
  const at = amount > 0 && table.before[index] === left ? index - 1 : index;
  const moment = (table.starts[at] ?? 0) + left - (table.before[at] ?? 0);
  return Math.abs(moment - from) > MAX_SEARCH_MS ? null : moment;
}

/** Returns `from` if it is working time, or else the next moment that is. Null if there is none within ten years. */
export function nextWorkingMoment(calendar: Calendar, from: number): number | null {
  for (let year = yearOf(from); startOfYear(year) - from <= MAX_SEARCH_MS; year++) {
    const { starts, ends } = workingYear(calendar, year);
    const index = lastAtMost(starts, from);
    if (from < (ends[index] ?? -Infinity)) return from;
    const next = starts[index + 1];
    if (next !== undefined) return next;
  }
  return null;
}

/** Returns `from` if working time ends there or continues, or else the last moment before it at which working time ended. */
export function previousWorkingMoment(calendar: Calendar, from: number): number | null {
  for (let year = yearOf(from); from - startOfYear(year + 1) <= MAX_SEARCH_MS; year--) {
    const { starts, ends } = workingYear(calendar, year);
    let index = lastAtMost(starts, from);
    if (starts[index] === from) index--;
    const end = ends[index];
    if (end !== undefined) return Math.min(from, end);
  }
  return null;
}
