const units = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** Returns the date and time in the user's zone. */
export const dateText = (iso: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

/** Returns how far away a time is: `in 2 days`, `3 hours ago`. */
export function relativeText(iso: string, locale: string, now = Date.now()): string {
  const ms = Date.parse(iso) - now;
  const [unit, size] = units.find(([, length]) => Math.abs(ms) >= length) ?? ["minute", 60_000];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }).format(Math.round(ms / size), unit);
}
