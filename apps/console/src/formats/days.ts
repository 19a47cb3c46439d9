import { dateFormat } from "./formatters";
import { regional, timeZone } from "./region";

/** Returns a day in the user's language: of a date-time in the user's zone, of a date (`2026-03-31`) as it is. */
export function dayText(iso: string, locale: string, options: Intl.DateTimeFormatOptions = { dateStyle: "medium" }): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(iso);
  return dateFormat(regional(locale), { ...options, timeZone: isDate ? "UTC" : timeZone() }).format(new Date(iso));
}
