/** What a clock counts towards: the target of the definition or of a policy, in working seconds of a calendar. */
import { alwaysCalendar, compileCalendar } from "../calendar/compile.js";
import { addPeriod, addWorkingTime, workingSecondsBetween } from "../calendar/periods.js";
import type { Calendar, Period, WorkCalendar } from "../model/calendar.js";
import type { SlaWarning } from "../model/sla/rule.js";
import type { SlaCalendar, SlaTerms } from "./ledger.js";

/** Ten years: a target that the calendar cannot reach is never reached. */
export const MAX_TARGET_SECONDS = 3660 * 86_400;

/** Returns a calendar of the configuration as ledgers read it. `null`: elapsed time. */
export const slaCalendarOf = (source: WorkCalendar | null): SlaCalendar => ledgerCalendar(compiledOf(source));

/** Returns a calendar of the configuration, compiled. `null`: elapsed time. */
export function compiledOf(source: WorkCalendar | null): Calendar {
  const compiled = source && compileCalendar(source);
  return compiled?.ok ? compiled.value : alwaysCalendar("UTC");
}

/** Returns a compiled calendar as ledgers read it. */
export const ledgerCalendar = (calendar: Calendar): SlaCalendar => ({
  add: (from, seconds) => (seconds <= 0 ? from : addWorkingTime(calendar, from, { unit: "minutes", amount: seconds / 60 })),
  between: (from, to) => Math.round(workingSecondsBetween(calendar, from, to)),
  secondsOf: (period, from) => secondsBy(calendar, period, from),
});

/** The working seconds of a period that begins at a time. Calendar time counts in elapsed seconds. */
function secondsBy(working: Calendar, period: Period, startedAt: string): number {
  const end = addPeriod(working, startedAt, period);
  if (end === null) return MAX_TARGET_SECONDS;
  return Math.round(workingSecondsBetween(period.kind === "calendar" ? alwaysCalendar("UTC") : working, startedAt, end));
}

export type Fixing = {
  readonly target: Period;
  readonly warn: readonly SlaWarning[];
  readonly startedAt: string;
  readonly calendar: Calendar;
  /** Key of the calendar, and of elapsed time. */
  readonly keys: { readonly calendar: string; readonly elapsed: string };
};

/** Fixes a target and its warnings in seconds. A target in calendar time is counted in elapsed time. */
export function fixTerms({ target, warn, startedAt, calendar, keys }: Fixing): SlaTerms {
  const seconds = Math.max(1, secondsBy(calendar, target, startedAt));
  const moments = warn.map((one) =>
    "percent" in one ? Math.floor((seconds * one.percent) / 100) : seconds - secondsBy(calendar, one.before, startedAt),
  );
  return {
    target: seconds,
    warn: [...new Set(moments)].filter((one) => one > 0 && one < seconds).toSorted((a, b) => a - b),
    calendar: target.kind === "calendar" ? keys.elapsed : keys.calendar,
  };
}
