/** ISO 8601 durations: years to days follow the calendar of a time zone, hours to seconds pass on every clock. */
import { Temporal } from "temporal-polyfill";
import type { Duration } from "../model/scenarios/duration.js";
import { DAY_MS, fromLocal, toLocal } from "./zone.js";

const PATTERN =
  /^P(?=\d|T\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/;
export const MAX_DAYS = 3660;

/** Null for text that is not a duration, for a duration of zero, and for more than ten years. */
export function parseDuration(text: string): Duration | null {
  const found = PATTERN.exec(text);
  if (!found) return null;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const duration = { months: years * 12 + months, days: weeks * 7 + days, seconds: hours * 3600 + minutes * 60 + seconds };
  const roughDays = duration.months * 30.5 + duration.days + duration.seconds / 86_400;
  return roughDays > 0 && roughDays <= MAX_DAYS ? duration : null;
}

/**
 * Adds a duration to a time (ISO 8601), or subtracts it. January 31 plus one month is the last day of February. After days and months it is the same
 * local time, also when daylight saving time has begun or ended: a time that is skipped is moved forward by the length of the gap.
 */
export function addDuration(moment: string, { months, days, seconds }: Duration, timeZone = "UTC", direction: 1 | -1 = 1): string {
  const start = Date.parse(moment);
  const elapsed = direction * seconds * 1000;
  if (months === 0 && (days === 0 || timeZone === "UTC")) return new Date(start + elapsed + direction * days * DAY_MS).toISOString();
  if (months === 0) return new Date(fromLocal(timeZone, toLocal(timeZone, start) + direction * days * DAY_MS) + elapsed).toISOString();
  const by = { months: direction * months, days: direction * days };
  const moved = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(timeZone).add(by);
  return new Date(moved.epochMilliseconds + elapsed).toISOString();
}

/**
 * Reads a date (its last moment in the time zone) or a date with time and zone, as data contains them, and returns it in ISO 8601. Null for any other
 * text, and outside the years 1 to 9999.
 */
export function readMoment(text: string, timeZone = "UTC"): string | null {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  if (!isDate && !/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})$/.test(text)) return null;
  const at = new Date(isDate ? `${text}T23:59:59.999Z` : text.toUpperCase().replace(" ", "T"));
  if (Number.isNaN(at.getTime())) return null;
  // A calendar that rolls over would turn February 31 into a day in March.
  const [year, month, day] = text.slice(0, 10).split("-").map(Number) as [number, number, number];
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day || year < 1) return null;
  const local = isDate && timeZone !== "UTC" ? new Date(fromLocal(timeZone, at.getTime() + 1) - 1) : at;
  const iso = local.toISOString();
  return /^\d{4}-/.test(iso) && !iso.startsWith("0000") ? iso : null;
}
