/** Decides what happens to a contract by itself on a day. Pure: days are texts, YYYY-MM-DD. */
import { addDays, addMonths } from "../../due-days/days.js";
import { dueThreshold, firstAfter, thresholdsLeft } from "../../due-days/reminders.js";
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
  const days = dueThreshold(remindersOf(contract), noticeBy, today);
  return days === null || endsOn < today ? null : { kind: "REMIND", endsOn, noticeBy, days };
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
  return firstAfter(today, days);
}

/** Thresholds whose reminders are left. A terminated contract has none. */
const remindersOf = (contract: Lifetime): number[] =>
  contract.terminatesOn !== null || contract.endsOn === null ? [] : thresholdsLeft(contract, contract.endsOn);
