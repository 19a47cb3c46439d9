import { msg } from "@lingui/core/macro";
import { startOfDay } from "../../formats/region";
import type { DateTimeFilter } from "../../gql/graphql";

/** Ranges that move along with time. */
export const pastRanges = { "-1d": msg`Last 24 hours`, "-7d": msg`Last 7 days`, "-30d": msg`Last 30 days`, "-90d": msg`Last 90 days` };
export const futureRanges = { late: msg`In the past`, "+1d": msg`Next 24 hours`, "+7d": msg`Next 7 days`, none: msg`No date` };

const dayMs = 86_400_000;
/** To the minute, so that the same address is the same filter for a while. */
const iso = (time: number): string => new Date(Math.floor(time / 60_000) * 60_000).toISOString();
const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(startOfDay(text));

/** The first and last day of a range of days: `2026-01-01..2026-01-31`. Either can be absent. */
export function daysOf(value: string): { readonly from: string; readonly to: string } {
  const [from, to] = value.split("..");
  return { from: isDay(from) ? from : "", to: isDay(to) ? to : "" };
}

/** Returns the condition of a range: one of those above, or days of the user's time zone. */
export function rangeOf(value: string, now: Date): DateTimeFilter {
  if (value === "late") return { lt: iso(now.getTime()) };
  if (value === "none") return { isNull: true };
  const days = /^([+-])(\d{1,4})d$/.exec(value);
  if (days) {
    const span = Number(days[2]) * dayMs;
    if (days[1] === "-") return { gte: iso(now.getTime() - span) };
    return { gte: iso(now.getTime()), lt: iso(now.getTime() + span) };
  }
  const { from, to } = daysOf(value);
  return { ...(from !== "" && { gte: iso(startOfDay(from)) }), ...(to !== "" && { lt: iso(startOfDay(to, 1)) }) };
}
