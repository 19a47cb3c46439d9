/** Reads a calendar for people: its days with their working hours. */
import type { Calendar } from "../model/calendar.js";
import { dayOfDate, spansOfDay } from "./compile.js";
import { DAY_MS, toLocal } from "./zone.js";

const MINUTE_MS = 60_000;

export type ShownDay = { readonly date: string; readonly workingHours: readonly { readonly from: string; readonly to: string }[] };

/** Returns days with their working hours in local time, from a date (`2026-03-01`) on. Null if there is no such date. */
export function daysOf(calendar: Calendar, from: string, count: number): ShownDay[] | null {
  const start = dayOfDate(from);
  if (start === null) return null;
  return Array.from({ length: count }, (_, index) => {
    const day = start + index;
    const workingHours = spansOfDay(calendar, day).map((span) => ({ from: timeText(span.from), to: timeText(span.to) }));
    return { date: dateOf(day * DAY_MS), workingHours };
  });
}

/** Returns the local date at a moment (ISO 8601 with zone). */
export const localDate = ({ timeZone }: Calendar, moment: string): string => dateOf(toLocal(timeZone, Date.parse(moment)));

const dateOf = (local: number): string => new Date(local).toISOString().slice(0, 10);

function timeText(sinceMidnight: number): string {
  const minutes = sinceMidnight / MINUTE_MS;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
