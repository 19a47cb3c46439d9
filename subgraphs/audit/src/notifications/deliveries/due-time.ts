/**
 * When a notification leaves the app: pure functions of times, without a clock. Times are milliseconds since 1970; local times follow the time zone through
 * changes to and from daylight saving time.
 */
import { Temporal } from "temporal-polyfill";

export type Digest = "NONE" | "HOURLY" | "DAILY";

/** Local times of day, HH:MM. `from` is included, `to` is not. `from` is later than `to` for hours that include midnight. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

export interface Timetable {
  readonly timeZone: string;
  readonly digest: Digest;
  /** Local hour of the daily digest. */
  readonly digestHour: number;
  readonly quietHours: QuietHours | null;
  readonly snoozedUntil: number | null;
}

/** Returns when a notification is due that occurs at the given time: at once, or after the snooze, at the next digest, and after the quiet hours. */
export function dueTime(at: number, { timeZone, digest, digestHour, quietHours, snoozedUntil }: Timetable): number {
  const awake = Math.max(at, snoozedUntil ?? at);
  return afterQuietHours(atDigest(awake, { timeZone, digest, digestHour }), timeZone, quietHours);
}

/** Returns when the digest after the time is sent. The time itself without a digest. */
export function atDigest(at: number, { timeZone, digest, digestHour }: Pick<Timetable, "timeZone" | "digest" | "digestHour">): number {
  if (digest === "NONE") return at;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  if (digest === "HOURLY") return local.round({ smallestUnit: "hour", roundingMode: "floor" }).add({ hours: 1 }).epochMilliseconds;
  const today = onDay(local.toPlainDate(), { hour: digestHour, minute: 0 }, timeZone);
  return today > at ? today : onDay(local.toPlainDate().add({ days: 1 }), { hour: digestHour, minute: 0 }, timeZone);
}

/** Returns the end of the quiet hours that contain the time. The time itself outside of them. */
export function afterQuietHours(at: number, timeZone: string, quietHours: QuietHours | null): number {
  if (quietHours === null) return at;
  let time = at;
  // A change of the clocks can skip all of the hours that are not quiet. The next day has them.
  while (isQuiet(time, timeZone, quietHours)) time = endOfQuietHours(time, timeZone, quietHours);
  return time;
}

function endOfQuietHours(at: number, timeZone: string, { from, to }: QuietHours): number {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const day = from > to && timeOfDay(local) >= from ? local.toPlainDate().add({ days: 1 }) : local.toPlainDate();
  const end = onDay(day, parseTime(to), timeZone);
  // The local time of the end can occur twice, and this is after the first one.
  return end > at ? end : onDay(day, parseTime(to), timeZone, "later");
}

/** Returns whether the local time is within the quiet hours. */
export function isQuiet(at: number, timeZone: string, { from, to }: QuietHours): boolean {
  const time = timeOfDay(Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone));
  return from < to ? time >= from && time < to : time >= from || time < to;
}

const timeOfDay = (local: Temporal.ZonedDateTime): string => local.toPlainTime().toString({ smallestUnit: "minute" });

const parseTime = (time: string) => ({ hour: Number(time.slice(0, 2)), minute: Number(time.slice(3)) });

/** A time that daylight saving time skips is moved forward by the length of the gap. */
const onDay = (
  day: Temporal.PlainDate,
  time: { readonly hour: number; readonly minute: number },
  timeZone: string,
  disambiguation: "compatible" | "later" = "compatible",
): number => day.toPlainDateTime(Temporal.PlainTime.from(time)).toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;

/** Messages of a person without a digest in one minute. Further notifications of the minute become one message. */
export const MESSAGES_PER_MINUTE = 5;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Returns when a person can get the next message: now, or when few enough of the recent ones are within a minute and an hour.
 * @param recent times of the person's messages in the last hour, in any order
 */
export function nextSlot(now: number, recent: readonly number[], { perHour }: { readonly perHour: number }): number {
  const newest = recent.toSorted((a, b) => b - a);
  const slot = (count: number, span: number): number => {
    const oldest = newest[count - 1];
    return oldest === undefined ? now : Math.max(now, oldest + span);
  };
  return Math.max(slot(MESSAGES_PER_MINUTE, MINUTE_MS), slot(perHour, HOUR_MS));
}
