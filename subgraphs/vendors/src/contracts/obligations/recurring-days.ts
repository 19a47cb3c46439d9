/** Days of a recurring obligation. Pure: days are texts, YYYY-MM-DD. */
import { isDay } from "@weft/api/inputs";
import { addMonths } from "../../due-days/days.js";
import type { ObligationRow } from "./obligation.store.js";

const months: Readonly<Record<string, number>> = { MONTHLY: 1, QUARTERLY: 3, YEARLY: 12 };

/**
 * Returns the day after the one that is completed. Null if the obligation does not recur, or not before the year 10000. It counts from the first day, so that an obligation of the 31st
 * is due on February 28, and on March 31 again.
 */
export function nextOccurrence({
  recurrence,
  anchorOn,
  completedCount,
}: Pick<ObligationRow, "recurrence" | "anchorOn" | "completedCount">): string | null {
  const every = months[recurrence];
  const next = every === undefined ? null : addMonths(anchorOn, every * (completedCount + 1));
  return next !== null && isDay(next) ? next : null;
}
