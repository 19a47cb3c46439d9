/** Placeholders in the data of a schedule. */

/** Times of a run. IDs and times are texts as the API shows them. */
export interface RunTimes {
  readonly scheduleId: string;
  /** Milliseconds since 1970. */
  readonly plannedAt: number;
  readonly timeZone: string;
}

const PLACEHOLDER = /\{\{\s*([A-Za-z]+)\s*\}\}/g;

/** Values by name of their placeholder. */
const values: Readonly<Record<string, (times: RunTimes) => string>> = {
  plannedAt: ({ plannedAt }) => new Date(plannedAt).toISOString(),
  plannedDate: (times) => localOf(times, { year: "numeric", month: "2-digit", day: "2-digit" }),
  plannedTime: (times) => localOf(times, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  plannedYear: (times) => localOf(times, { year: "numeric" }),
  plannedMonth: (times) => localOf(times, { month: "2-digit" }),
  scheduleId: ({ scheduleId }) => scheduleId,
};

export const placeholderNames = Object.keys(values);

/** Swedish writes dates as ISO 8601 does. */
const localOf = ({ plannedAt, timeZone }: RunTimes, format: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat("sv-SE", { ...format, timeZone }).format(plannedAt);

/** Returns a copy of the data in which the placeholders of every text are replaced. Other text in double braces stays as it is. */
export function filledData(data: unknown, times: RunTimes): unknown {
  if (typeof data === "string")
    return data.replace(PLACEHOLDER, (text, name: string) => (Object.hasOwn(values, name) ? values[name]?.(times) : undefined) ?? text);
  if (Array.isArray(data)) return data.map((item) => filledData(item, times));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, filledData(value, times)]));
}

/** Returns the names of placeholders that do not exist. */
export function unknownPlaceholders(data: unknown): string[] {
  if (typeof data === "string")
    return [...data.matchAll(PLACEHOLDER)].map(([, name = ""]) => name).filter((name) => !Object.hasOwn(values, name));
  return typeof data === "object" && data !== null ? Object.values(data).flatMap(unknownPlaceholders) : [];
}
