/**
 * Timers: decides when the timers of states and tasks are due.
 * A due time depends only on the arguments; the row that is written keeps it.
 * This module never reads a clock, and never decides what a due timer does: `automatic` does.
 */
import { calendarNamed, DEFAULT_CALENDARS } from "../calendar/compile.js";
import { calendarsOf, type Context } from "../conditions/context.js";
import { evaluateOperand } from "../conditions/evaluate.js";
import { readMoment } from "../calendar/durations.js";
import { addPeriod } from "../calendar/periods.js";
import { pathText } from "../model/condition.js";
import { quote } from "../model/problems.js";
import type { Calendars } from "../model/calendar.js";
import type { TimerRule } from "../model/machine.js";

/** When a timer is due; a reason if it cannot be; null if the value is absent. */
export type DueAt = { readonly dueAt: string } | { readonly reason: string } | null;

/**
 * Returns when the timer is due, if it is set at `from`.
 * @param deadline of the task; null if it has none
 */
export function dueAtOf({ due }: TimerRule, from: string, context: Context, deadline: string | null = null): DueAt {
  const calendar = calendarNamed(calendarsOf(context), due.calendar);
  if ("after" in due) return found(addPeriod(calendar, from, due.after));
  if ("before" in due) return deadline === null ? null : found(addPeriod(calendar, deadline, due.before, -1));
  const value = evaluateOperand(due.at, context) ?? null;
  if (value === null || value === "") return null;
  const moment = typeof value === "string" ? readMoment(value, calendar.timeZone) : null;
  if (moment !== null) return { dueAt: moment };
  const place = "path" in due.at ? pathText(due.at.path) : "The value";
  return { reason: `${place} is ${quote(value)}, which is neither a date nor a time with a time zone.` };
}

function found(dueAt: string | null): DueAt {
  if (dueAt === null) return { reason: "The calendar has too little working time within ten years." };
  // A deadline comes from data, and other years are written in a form that the database does not read.
  return /^(?!0000)\d{4}-/.test(dueAt) ? { dueAt } : { reason: "The timer would be due before the year 1 or after the year 9999." };
}

/** Returns the first repetition after `now`. Repetitions that were missed are counted, but not made up for. Null if there is none. */
export function nextRepetition(
  { repeat, due }: TimerRule,
  {
    dueAt,
    count,
    now,
    calendars,
  }: { readonly dueAt: string; readonly count: number; readonly now: string; readonly calendars: Calendars | null },
): { readonly dueAt: string; readonly count: number } | null {
  const calendar = calendarNamed(calendars ?? DEFAULT_CALENDARS, due.calendar);
  let next = repeat && addPeriod(calendar, dueAt, repeat.every);
  for (let number = count + 1; repeat && next !== null && number <= repeat.times; number++) {
    if (Date.parse(next) > Date.parse(now)) return { dueAt: next, count: number };
    next = addPeriod(calendar, next, repeat.every);
  }
  return null;
}
