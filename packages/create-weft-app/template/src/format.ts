const locale = "en";
const dates = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

const units = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** Returns the date and time in the user's zone: `Mar 1, 2026, 9:30 AM`. */
export const dateText = (iso: string): string => dates.format(new Date(iso));

/** Returns how far away a time is: `in 2 days`, `3 hours ago`. */
export function relativeText(iso: string, now = Date.now()): string {
  const ms = Date.parse(iso) - now;
  const [unit, size] = units.find(([, length]) => Math.abs(ms) >= length) ?? ["minute", 60_000];
  return relative.format(Math.round(ms / size), unit);
}

/** Returns a name of the API as words: `estimatedCost` → `Estimated cost`, `IN_PROGRESS` → `In progress`. */
export function words(name: string): string {
  const text = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/_/g, " ")
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns a value of a request's data as text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return new Intl.NumberFormat(locale).format(value);
  if (Array.isArray(value)) return value.map(valueText).join(", ") || "–";
  if (typeof value === "object") return Object.values(value).map(valueText).join(" ");
  return String(value);
}
