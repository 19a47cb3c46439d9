/** The working time of a year as a table, so that every question is a binary search. */
import type { Calendar, WorkingYear } from "../model/calendar.js";
import { spansOfDay } from "./compile.js";
import { DAY_MS, offsetsOfYear } from "./zone.js";

/** More than a period can span. */
const MAX_YEARS = 24;

/**
 * Returns the working time of a UTC year. A moment is working time if the clocks of the zone then show a time within the working hours: an hour that
 * daylight saving time skips does not count, and one that it repeats counts twice.
 */
export function workingYear(calendar: Calendar, year: number): WorkingYear {
  const found = calendar.years.get(year);
  if (found) return found;
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { from, to, offset } of offsetsOfYear(calendar.timeZone, year)) {
    const lastDay = Math.floor((to - 1 + offset) / DAY_MS);
    for (let day = Math.floor((from + offset) / DAY_MS); day <= lastDay; day++) {
      for (const span of spansOfDay(calendar, day)) {
        const start = Math.max(day * DAY_MS + span.from - offset, from);
        const end = Math.min(day * DAY_MS + span.to - offset, to);
        if (start >= end) continue;
        // Work that continues over midnight, or over the change of an offset, is one interval.
        if (ends.at(-1) === start) ends[ends.length - 1] = end;
        else {
          starts.push(start);
          ends.push(end);
        }
      }
    }
  }
  const before = new Float64Array(starts.length);
  let total = 0;
  for (let index = 0; index < starts.length; index++) {
    before[index] = total;
    total += (ends[index] ?? 0) - (starts[index] ?? 0);
  }
  const table = { starts: Float64Array.from(starts), ends: Float64Array.from(ends), before, total };
  if (calendar.years.size >= MAX_YEARS) calendar.years.clear();
  calendar.years.set(year, table);
  return table;
}

/** Returns the index of the last value that is at most `value`; -1 if all are greater. */
export function lastAtMost(values: Float64Array, value: number): number {
  let low = -1;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Returns the working milliseconds of the year before a moment in it. */
export function workedBefore({ starts, ends, before }: WorkingYear, moment: number): number {
  const index = lastAtMost(starts, moment);
  const start = starts[index];
  const end = ends[index];
  return start === undefined || end === undefined ? 0 : (before[index] ?? 0) + Math.min(moment, end) - start;
}
