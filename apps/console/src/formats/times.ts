import { dateFormat, relativeFormat } from "./formatters";
import { dayOf, regional, timeZone } from "./region";

const units = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** Returns the date and time in the user's zone. */
export const dateText = (time: string | number, locale: string): string =>
  dateFormat(regional(locale), { dateStyle: "medium", timeStyle: "short", timeZone: timeZone() }).format(new Date(time));

/** The same, to the second. */
export const exactText = (time: string | number, locale: string): string =>
  dateFormat(regional(locale), { dateStyle: "medium", timeStyle: "medium", timeZone: timeZone() }).format(new Date(time));

/** Returns the time of the day in the user's zone. */
export const clockText = (time: string | number, locale: string): string =>
  dateFormat(regional(locale), { timeStyle: "short", timeZone: timeZone() }).format(new Date(time));

/** Returns how far away a time is: `in 2 days`, `3 hours ago`. Days are those of the calendar: "tomorrow" begins at midnight. */
export function relativeText(iso: string, locale: string, now = Date.now()): string {
  const ms = Date.parse(iso) - now;
  const [unit, size] = units.find(([, length]) => Math.abs(ms) >= length) ?? ["minute", 60_000];
  const count = unit === "day" ? (Date.parse(dayOf(iso)) - Date.parse(dayOf(now))) / size : Math.round(ms / size);
  // "last mo." reads as if something were cut off.
  const style = unit === "month" || unit === "year" ? "long" : "short";
  return relativeFormat(regional(locale), { numeric: "auto", style }).format(count, unit);
}
