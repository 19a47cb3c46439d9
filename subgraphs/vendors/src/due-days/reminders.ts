/** Decides which reminder of a day is due. Pure: days are texts, YYYY-MM-DD. */
import { addDays } from "./days.js";

export interface Reminders {
  /** Days before the day at which to remind. Negative ones are days after it. */
  readonly reminderDays: readonly number[];
  /** The last reminder: what it was about, and its days. Null if there was none. */
  readonly remindedFor: string | null;
  readonly remindedDays: number | null;
}

/** Returns the thresholds for which no reminder was sent, nor one with fewer days. @param about the day for which reminders are sent once */
export function thresholdsLeft({ reminderDays, remindedFor, remindedDays }: Reminders, about: string): number[] {
  return reminderDays.filter((days) => remindedFor !== about || remindedDays === null || days < remindedDays);
}

/**
 * Returns the days of the reminder that is due. Null if there is none. Of several thresholds that have passed, the last one counts: the reminder says how
 * many days are left.
 */
export function dueThreshold(thresholds: readonly number[], day: string, today: string): number | null {
  const due = thresholds.filter((days) => addDays(day, -days) <= today);
  return due.length === 0 ? null : Math.min(...due);
}

/** Returns the first of the days after today. Null if there is none. */
export const firstAfter = (today: string, days: readonly string[]): string | null =>
  days.filter((day) => day > today).toSorted()[0] ?? null;
