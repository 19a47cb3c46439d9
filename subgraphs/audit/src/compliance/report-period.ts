import { BadUserInput } from "@weft/shared/errors";
import { MAX_DAYS } from "@weft/api/periods";
import { Temporal } from "temporal-polyfill";

const dayMs = 86_400_000;
const usualDays = 30;

interface ReportPeriod {
  readonly periodFrom: string;
  /** Not included. */
  readonly periodTo: string;
}

/** Returns the period of a report, by default the 30 days until now, to the millisecond: what happens later is in the next report. @throws BadUserInput */
export function periodOfReport({ from, to }: { readonly from?: string | null; readonly to?: string | null }, now: string): ReportPeriod {
  const end = Date.parse(to ?? now);
  const start = from ? Date.parse(from) : end - usualDays * dayMs;
  const refused = (message: string): BadUserInput => new BadUserInput([{ path: "input.from", message }]);
  if (start >= end) throw refused("The period is empty. `from` must be earlier than `to`.");
  if (end - start > MAX_DAYS * dayMs)
    throw refused(`The period is longer than ${MAX_DAYS} days. Use a later \`from\` or an earlier \`to\`.`);
  return { periodFrom: new Date(start).toISOString(), periodTo: new Date(end).toISOString() };
}

interface PlannedPeriod {
  readonly to: number;
  /** Days of the calendar in the time zone. */
  readonly days: number;
  readonly timeZone: string;
  /** End of the period of the previous report. Null: there is none. */
  readonly reportedTo: string | null;
}

/** Returns the period of a planned report. It begins at the end of the previous one at the latest, so that nothing is in no report. */
export function plannedPeriod({ to, days, timeZone, reportedTo }: PlannedPeriod): ReportPeriod {
  const start = Temporal.Instant.fromEpochMilliseconds(to).toZonedDateTimeISO(timeZone).subtract({ days }).epochMilliseconds;
  const previous = reportedTo === null ? start : Date.parse(reportedTo);
  const from = Math.max(Math.min(start, previous), to - MAX_DAYS * dayMs);
  return { periodFrom: new Date(from).toISOString(), periodTo: new Date(to).toISOString() };
}
