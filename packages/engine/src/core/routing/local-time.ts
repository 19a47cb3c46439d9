import type { LocalTime } from "./rule.js";

/** The tenant's clock and working hours, from its configuration. */
export type WorkCalendar = {
  /** IANA name, `Europe/Berlin`. */
  readonly timeZone: string;
  /** monday … sunday; `from` and `to` as `09:00`, excluding the end. */
  readonly workingHours: Readonly<Record<string, readonly { readonly from: string; readonly to: string }[]>>;
  readonly holidays: readonly { readonly date: string }[];
};

/** Returns the local time at a moment (ISO 8601 with zone), including daylight saving time. */
export function localTime(now: string, { timeZone, workingHours, holidays }: WorkCalendar): LocalTime {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    weekday: "long",
  }).formatToParts(new Date(now));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? "";
  const date = `${part("year")}-${part("month")}-${part("day")}`;
  const time = `${part("hour")}:${part("minute")}`;
  const weekday = part("weekday").toLowerCase();
  const isHoliday = holidays.some((holiday) => holiday.date === date);
  const isWorking = !isHoliday && (workingHours[weekday] ?? []).some(({ from, to }) => from <= time && time < to);
  return { date, time, weekday, isWorking };
}
