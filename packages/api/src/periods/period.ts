/** Periods of statistics. */
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";

/** A period in whole quarters of an hour: seconds since 1970. */
export interface Period {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

const DAY = 86_400;
/** Length of a quarter of an hour in seconds: days of all time zones begin at one. */
export const QUARTER_OF_AN_HOUR = 900;
const quarter = QUARTER_OF_AN_HOUR;
/** Maximum length in days. */
export const MAX_DAYS = 400;
const DEFAULT_DAYS = 30;
/** The last end: the year 10000 is no longer a valid date-time. */
const LAST_END = Date.UTC(9999, 11, 31, 23, 45) / 1_000;

/**
 * Returns the period from `from` to `to`, by default the last 30 days, extended to whole quarters of an hour.
 * @param path of the input that contains them
 * @throws BadUserInput
 */
export function periodOf(
  { from, to }: { readonly from?: string | null | undefined; readonly to?: string | null | undefined },
  now: string,
  path = "filter",
): Period {
  const seconds = (time: string): number => Date.parse(time) / 1_000;
  const end = Math.min(LAST_END, Math.ceil((to ? seconds(to) : seconds(now)) / quarter) * quarter);
  const start = from ? Math.floor(seconds(from) / quarter) * quarter : end - DEFAULT_DAYS * DAY;
  const problems: Problem[] = [];
  if (start >= end) problems.push({ path: `${path}.from`, message: "The period is empty. `from` must be earlier than `to`." });
  else if (end - start > MAX_DAYS * DAY)
    problems.push({
      path: `${path}.from`,
      message: `The period is longer than ${MAX_DAYS} days. Use a later \`from\` or an earlier \`to\`.`,
    });
  if (problems.length > 0) throw new BadUserInput(problems);
  return { from: start, to: end };
}

/** Returns the time of seconds since 1970, as ISO 8601. */
export const timeOf = (seconds: number): string => new Date(seconds * 1_000).toISOString();

/** Returns the period of the same length before a period. */
export const periodBefore = ({ from, to }: Period): Period => ({ from: from - (to - from), to: from });

/** @throws BadUserInput if the name is not that of a time zone */
export function assertTimeZone(timeZone: string, path: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    // PostgreSQL does not know offsets by the names of JavaScript, and reads them the other way round.
    if (/^[A-Za-z]/.test(timeZone)) return;
  } catch {
    // Reported below.
  }
  throw new BadUserInput([{ path, message: `${quote(timeZone)} is not a time zone. Use a name such as Europe/Zurich or UTC.` }]);
}
