/** Decides what happens to a contract by itself on a day. Pure: days are texts, YYYY-MM-DD. */
import type { ContractRow } from "../contract.store.js";

type Dates = Pick<ContractRow, "status" | "startsOn" | "endsOn" | "terminatesOn" | "reminderDays" | "remindedFor" | "remindedDays">;

/** A contract with what its version in force says about its end. */
export interface Lifetime extends Dates {
  readonly noticeDays: number;
  /** Months of an automatic renewal. Null if it is not renewed automatically. */
  readonly renewalMonths: number | null;
}

export type Step =
  | { readonly kind: "ACTIVATE" | "EXPIRE" | "TERMINATE" }
  /** `endsOn`: the new last day. */
  | { readonly kind: "RENEW"; readonly endsOn: string }
  /** `noticeBy`: the last day for a notice, `days` before which the reminder is due. */
  | { readonly kind: "REMIND"; readonly endsOn: string; readonly noticeBy: string; readonly days: number };

/** Returns the next step that is due on a day. Null if there is none. Call it again after the step. */
export function dueStep(contract: Lifetime, today: string): Step | null {
  const { status, startsOn, endsOn, terminatesOn } = contract;
  if (status !== "SIGNED" && status !== "ACTIVE") return null;
  if (terminatesOn !== null && terminatesOn <= today) return { kind: "TERMINATE" };
  if (status === "SIGNED" && startsOn <= today) return { kind: "ACTIVATE" };
  if (endsOn === null) return null;
  if (status === "ACTIVE" && endsOn < today) return stepAtEnd(contract, endsOn, today);
  const noticeBy = addDays(endsOn, -contract.noticeDays);
  const due = remindersOf(contract).filter((days) => addDays(noticeBy, -days) <= today);
  // Of several thresholds that have passed, the last one counts: the reminder says how many days are left.
  return due.length === 0 || endsOn < today ? null : { kind: "REMIND", endsOn, noticeBy, days: Math.min(...due) };
}

function stepAtEnd({ renewalMonths, terminatesOn }: Lifetime, endsOn: string, today: string): Step {
  if (renewalMonths === null || terminatesOn !== null) return { kind: "EXPIRE" };
  // After a long time without a worker, one renewal covers several periods.
  let periods = 1;
  while (addMonths(endsOn, periods * renewalMonths) < today) periods++;
  return { kind: "RENEW", endsOn: addMonths(endsOn, periods * renewalMonths) };
}

/** Returns the next day after today on which a step can be due. Null if there is none. */
export function nextDay(contract: Lifetime, today: string): string | null {
  const { status, startsOn, endsOn, terminatesOn, noticeDays } = contract;
  if (status !== "SIGNED" && status !== "ACTIVE") return null;
  const days = [
    ...(terminatesOn === null ? [] : [terminatesOn]),
    ...(status === "SIGNED" ? [startsOn] : []),
    ...(endsOn === null ? [] : [addDays(endsOn, 1), ...remindersOf(contract).map((before) => addDays(endsOn, -noticeDays - before))]),
  ];
  return days.filter((day) => day > today).toSorted()[0] ?? null;
}

/** Thresholds for which no reminder was sent, nor one with fewer days. */
function remindersOf({ endsOn, terminatesOn, reminderDays, remindedFor, remindedDays }: Lifetime): number[] {
  if (terminatesOn !== null) return [];
  return reminderDays.filter((days) => remindedFor !== endsOn || remindedDays === null || days < remindedDays);
}

export function addDays(day: string, days: number): string {
  const date = new Date(day);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** The last day of a shorter month takes the place of a day that it does not have. */
export function addMonths(day: string, months: number): string {
  const date = new Date(day);
  const wanted = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months, 1);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(wanted, last));
  return date.toISOString().slice(0, 10);
}
