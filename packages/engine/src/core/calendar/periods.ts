/** Periods: calendar time (`P2D`, `PT4H`) or working time (`2 working days`, `4 working hours`). */
import type { Calendar, Period, WorkingPeriod, WorkingUnit } from "../model/calendar.js";
import { addDuration, MAX_DAYS, parseDuration } from "./durations.js";
import { addWorkingDays } from "./working-days.js";
import { addWorkingMilliseconds, workingMillisecondsBetween } from "./working-time.js";

const PATTERN = /^(\d{1,7}) working (minute|hour|day)s?$/;
const MAX_AMOUNT: Readonly<Record<WorkingUnit, number>> = { minutes: MAX_DAYS * 1440, hours: MAX_DAYS * 24, days: MAX_DAYS };
const MILLISECONDS = { minutes: 60_000, hours: 3_600_000 };

/** Null for text that is not a period, for nothing, and for more than ten years. */
export function parsePeriod(text: string): Period | null {
  const [, digits, name] = PATTERN.exec(text) ?? [];
  if (digits === undefined || name === undefined) {
    const duration = parseDuration(text);
    return duration && { kind: "calendar", duration };
  }
  const unit = `${name}s` as WorkingUnit;
  const amount = Number(digits);
  return amount > 0 && amount <= MAX_AMOUNT[unit] ? { kind: "working", unit, amount } : null;
}

/** Adds a period to a time (ISO 8601), or subtracts it. Null if the calendar has too little working time within ten years. */
export function addPeriod(calendar: Calendar, moment: string, period: Period, direction: 1 | -1 = 1): string | null {
  if (period.kind === "calendar") return addDuration(moment, period.duration, calendar.timeZone, direction);
  return addWorkingTime(calendar, moment, { ...period, amount: direction * period.amount });
}

/**
 * Adds working time to a time (ISO 8601); a negative amount goes back. Minutes and hours count time within working hours. Days lead to the same local
 * time on a following working day, moved into its working hours. Null if the calendar has too little working time within ten years.
 */
export function addWorkingTime(calendar: Calendar, moment: string, { unit, amount }: Omit<WorkingPeriod, "kind">): string | null {
  const from = Date.parse(moment);
  const to = unit === "days" ? addWorkingDays(calendar, from, amount) : addWorkingMilliseconds(calendar, from, amount * MILLISECONDS[unit]);
  return to === null ? null : new Date(to).toISOString();
}

/** Returns the working seconds from one time to another (ISO 8601), with fractions; negative if `to` is earlier. */
export function workingSecondsBetween(calendar: Calendar, from: string, to: string): number {
  return workingMillisecondsBetween(calendar, Date.parse(from), Date.parse(to)) / 1000;
}
