/** Decides what happens to a document by itself on a day. Pure: days are texts, YYYY-MM-DD. Whether it counts does not depend on these steps. */
import { addDays } from "../../due-days/days.js";
import { dueThreshold, firstAfter, type Reminders, thresholdsLeft } from "../../due-days/reminders.js";

export interface Expiry extends Reminders {
  /** The last day. */
  readonly validUntil: string;
  /** The last day whose end was announced. */
  readonly expiredFor: string | null;
  /** Whether another accepted document of the kind is valid longer, or the vendor is no longer used. */
  readonly isReplaced: boolean;
}

export type Step = { readonly kind: "REMIND"; readonly days: number } | { readonly kind: "EXPIRE" };

/** Returns the step that is due on a day. Null if there is none. */
export function dueStep(document: Expiry, today: string): Step | null {
  const { validUntil, expiredFor, isReplaced } = document;
  if (isReplaced) return null;
  if (validUntil < today) return expiredFor === validUntil ? null : { kind: "EXPIRE" };
  const days = dueThreshold(thresholdsLeft(document, validUntil), validUntil, today);
  return days === null ? null : { kind: "REMIND", days };
}

/** Returns the next day after today on which a step can be due. Null if there is none. */
export const nextDay = (document: Expiry, today: string): string | null =>
  firstAfter(today, [
    addDays(document.validUntil, 1),
    ...thresholdsLeft(document, document.validUntil).map((days) => addDays(document.validUntil, -days)),
  ]);
