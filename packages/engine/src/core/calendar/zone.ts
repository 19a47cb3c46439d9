/**
 * Calendar: time zones, working time, durations and periods. Moments are ISO 8601 with zone, or milliseconds since the epoch.
 * Time zones and daylight saving time come from Temporal only; what is asked often is kept, by year.
 * This module reads no clock: every moment is an argument.
 */
import { Temporal } from "temporal-polyfill";

export const DAY_MS = 86_400_000;

/** From `from` to `to` (excluded), local time is UTC plus `offset`. All in milliseconds. */
type OffsetSpan = { readonly from: number; readonly to: number; readonly offset: number };

/** Several years of every time zone that is in use. */
const MAX_YEARS = 2000;
const known = new Map<string, readonly OffsetSpan[]>();

export function isTimeZone(timeZone: string): boolean {
  try {
    // An offset is not a time zone, because it has no daylight saving time.
    return /^[A-Za-z]/.test(timeZone) && Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone) !== undefined;
  } catch {
    return false;
  }
}

export const startOfYear = (year: number): number => new Date(0).setUTCFullYear(year, 0, 1);

/** Returns the offsets of a zone in a UTC year, in order. */
export function offsetsOfYear(timeZone: string, year: number): readonly OffsetSpan[] {
  const key = `${timeZone} ${year}`;
  const found = known.get(key);
  if (found) return found;
  const end = startOfYear(year + 1);
  const spans: OffsetSpan[] = [];
  let zoned = Temporal.Instant.fromEpochMilliseconds(startOfYear(year)).toZonedDateTimeISO(timeZone);
  for (;;) {
    const from = zoned.epochMilliseconds;
    const offset = zoned.offsetNanoseconds / 1_000_000;
    const next = zoned.getTimeZoneTransition("next");
    if (!next || next.epochMilliseconds >= end) {
      spans.push({ from, to: end, offset });
      break;
    }
    spans.push({ from, to: next.epochMilliseconds, offset });
    zoned = next;
  }
  if (known.size >= MAX_YEARS) known.clear();
  known.set(key, spans);
  return spans;
}

/** Returns the local time of a moment: milliseconds since 1970-01-01T00:00 on the clocks of the zone. */
export function toLocal(timeZone: string, moment: number): number {
  const spans = offsetsOfYear(timeZone, new Date(moment).getUTCFullYear());
  const span = spans.find(({ to }) => moment < to);
  return moment + (span?.offset ?? 0);
}

/**
 * Returns the moment of a local time. A time that daylight saving time skips is moved forward by the length of the gap; of a time that occurs twice, the
 * first is meant.
 */
export function fromLocal(timeZone: string, local: number): number {
  // More than a day away from any change of the clocks, only one moment is possible: no need for Temporal, which takes ten times as long.
  for (const { from, to, offset } of offsetsOfYear(timeZone, new Date(local).getUTCFullYear())) {
    const moment = local - offset;
    if (moment - from > DAY_MS && to - moment > DAY_MS) return moment;
  }
  return Temporal.PlainDateTime.from(new Date(local).toISOString().slice(0, -1)).toZonedDateTime(timeZone).epochMilliseconds;
}
