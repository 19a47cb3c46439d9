/** Planned times and totals of a maintenance plan. Skipped and shifted occurrences do not change the series. */
import type { Tx } from "@weft/platform/db";
import { isoOf, nextOccurrence, type Occurrence, type Plan, planOf } from "@weft/api/timing";
import { toDecimal, toMillionths } from "../meters/quantity.js";
import { findOccurrenceAt } from "./occurrence.store.js";
import type { PlanRow } from "./plan.store.js";

type CalendarRow = Pick<PlanRow, "id" | "cron" | "everySeconds" | "timeZone" | "startsAt" | "endsAt" | "plannedSince">;

export const hasCalendar = ({ cron, everySeconds }: Pick<PlanRow, "cron" | "everySeconds">): boolean =>
  cron !== null || everySeconds !== null;

/** Columns as those of a schedule, which has the same planned times. */
export const plannedRow = (row: CalendarRow) => ({ ...row, runAt: null, jitterSeconds: 0 });

/** Returns the planned times. Null for a plan without a calendar. */
export const calendarOf = (row: CalendarRow): Plan | null => (hasCalendar(row) ? planOf(plannedRow(row)) : null);

/** Returns the first planned time after a time that is not skipped, and when it takes place. Null if there is none. */
export async function nextPlanned(tx: Tx, row: CalendarRow, after: number): Promise<Occurrence | null> {
  const plan = calendarOf(row);
  let next = plan && nextOccurrence(plan, after);
  while (plan && next) {
    const known = await findOccurrenceAt(tx, row.id, isoOf(next.plannedAt));
    if (!known) return next;
    if (known.status === "SHIFTED" && known.startsAt !== null) return { ...next, startsAt: Date.parse(known.startsAt) };
    next = nextOccurrence(plan, next.plannedAt);
  }
  return null;
}

/** Columns of the meter of a plan that has one. */
export interface MeterTerms {
  readonly meterId: string;
  /** In millionths. */
  readonly every: bigint;
  readonly lead: bigint;
  readonly nextTotal: bigint;
}

/** Returns the terms of the plan's meter. Null for a plan without a meter. */
export function meterTermsOf({ meterId, meterEvery, meterLead, nextTotal }: PlanRow): MeterTerms | null {
  if (meterId === null || meterEvery === null || nextTotal === null) return null;
  return { meterId, every: toMillionths(meterEvery), lead: toMillionths(meterLead), nextTotal: toMillionths(nextTotal) };
}

export const isReached = ({ nextTotal, lead }: MeterTerms, total: bigint | null): boolean => total !== null && total >= nextTotal - lead;

/** Returns the planned total after the current one. Those that the meter has passed already, with the lead, are left out: one request is enough. */
export function totalAfter({ every, lead, nextTotal }: MeterTerms, total: bigint | null): string {
  const passed = total === null || total < nextTotal - lead ? 0n : (total - (nextTotal - lead)) / every;
  return toDecimal(nextTotal + (passed + 1n) * every);
}
