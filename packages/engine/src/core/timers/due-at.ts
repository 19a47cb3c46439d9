/**
 * Timers: decides when the timers of states and tasks are due.
 * A due time depends only on the arguments; the row that is written keeps it.
 * This room never reads a clock, and never decides what a due timer does: `automatic` does.
 */
import type { Context } from "../conditions/context.js";
import { evaluateOperand } from "../conditions/evaluate.js";
import { addDuration, parseDuration, readMoment } from "../calendar/durations.js";
import { pathText } from "../model/condition.js";
import { quote } from "../model/problems.js";
import type { TimerRule } from "../model/machine.js";

/** When a timer is due; a reason if it cannot be; null if the value is absent. */
export type DueAt = { readonly dueAt: string } | { readonly reason: string } | null;

/**
 * Returns when the timer is due, if it is set at `from`.
 * @param deadline of the task; null if it has none
 */
export function dueAtOf({ due }: TimerRule, from: string, context: Context, deadline: string | null = null): DueAt {
  if ("after" in due) return { dueAt: addPeriod(from, due.after) };
  if ("before" in due) return deadline === null ? null : { dueAt: subtractPeriod(deadline, due.before) };
  const value = evaluateOperand(due.at, context) ?? null;
  if (value === null || value === "") return null;
  const moment = typeof value === "string" ? readMoment(value) : null;
  if (moment !== null) return { dueAt: moment };
  const place = "path" in due.at ? pathText(due.at.path) : "The value";
  return { reason: `${place} is ${quote(value)}, which is neither a date nor a time with a time zone.` };
}

/** Adds a period of a definition, which is valid because it was compiled. */
export function addPeriod(from: string, period: string): string {
  const duration = parseDuration(period);
  return duration ? addDuration(from, duration) : from;
}

function subtractPeriod(from: string, period: string): string {
  const duration = parseDuration(period);
  return duration ? addDuration(from, duration, "UTC", -1) : from;
}

/** Returns the first repetition after `now`. Repetitions that were missed are counted, but not made up for. Null if there is none. */
export function nextRepetition({ repeat }: TimerRule, fired: { readonly dueAt: string; readonly count: number; readonly now: string }) {
  if (!repeat) return null;
  for (let count = fired.count + 1, dueAt = addPeriod(fired.dueAt, repeat.every); count <= repeat.times; count++) {
    if (Date.parse(dueAt) > Date.parse(fired.now)) return { dueAt, count };
    dueAt = addPeriod(dueAt, repeat.every);
  }
  return null;
}
