/** Counts working days: days with working hours. */
import type { Calendar, DaySpan } from "../model/calendar.js";
import { spansOfDay } from "./compile.js";
import { MAX_SEARCH_MS, nextWorkingMoment, previousWorkingMoment } from "./working-time.js";
import { DAY_MS, fromLocal, toLocal } from "./zone.js";

/**
 * Returns the same local time on the n-th following working day, moved into the working hours of that day. Counting starts at the next working moment;
 * for a negative amount, at the previous one. Null if there is no such day within ten years.
 */
export function addWorkingDays(calendar: Calendar, from: number, amount: number): number | null {
  if (amount === 0) return from;
  const start = amount > 0 ? nextWorkingMoment(calendar, from) : previousWorkingMoment(calendar, from);
  if (start === null) return null;
  const local = toLocal(calendar.timeZone, start);
  // Work can end at 24:00, which belongs to the day that ends.
  const begin = Math.floor((amount > 0 ? local : local - 1) / DAY_MS);
  const step = amount > 0 ? 1 : -1;
  let left = Math.abs(amount);
  let day = begin;
  let spans: readonly DaySpan[] = [];
  while (left > 0) {
    day += step;
    if (Math.abs(day - begin) * DAY_MS > MAX_SEARCH_MS) return null;
    spans = spansOfDay(calendar, day);
    if (spans.length > 0) left--;
  }
  return fromLocal(calendar.timeZone, day * DAY_MS + withinHours(spans, local - begin * DAY_MS));
}

/** Moves a time of day into working hours: before them, and in a break, to the next opening; after them to closing time. */
function withinHours(spans: readonly DaySpan[], time: number): number {
  const span = spans.find(({ to }) => time <= to);
  return span ? Math.max(time, span.from) : (spans.at(-1)?.to ?? time);
}
