/** Reads by which calendar a definition counts, and the periods that it counts. */
import { readObject, readText, type Reading, type Source } from "../document/reader.js";
import type { Calendar, Period, WorkCalendar } from "../model/calendar.js";
import { quote, type Path, type ProblemList } from "../model/problems.js";
import { compileCalendar, OFFICE_HOURS, WEEKDAYS } from "./compile.js";
import { parsePeriod } from "./periods.js";

/** Names of calendars. */
export const CALENDAR = /^[a-z][A-Za-z0-9]{0,63}$/;

/** Reads the name of a calendar; null if the key is absent. The configuration decides which calendars exist. */
export function readCalendar({ problems, calendars }: Pick<Reading, "problems" | "calendars">, source: Source, path: Path): string | null {
  const name = readText(problems, source, "calendar", path, { maxChars: 64, pattern: CALENDAR, like: "support" });
  if (name !== null) calendars.named.push({ name, path: [...path, "calendar"] });
  return name;
}

/** Reads a period such as `P2D` or `2 working days`. */
export function readPeriod({ problems, calendars }: Pick<Reading, "problems" | "calendars">, value: unknown, path: Path): Period | null {
  const period = typeof value === "string" ? parsePeriod(value) : null;
  if (!period) {
    problems.add(
      path,
      typeof value === "string" ? "BAD_VALUE" : "WRONG_TYPE",
      `${quote(value)} is not a valid duration. Use a duration of at most ten years, for example PT4H, P2D, P1M, 2 working days or 4 working hours.`,
    );
    return null;
  }
  // Hours and minutes pass on every clock. Days and months are those of a time zone.
  if (period.kind === "working" || period.duration.days > 0 || period.duration.months > 0) calendars.isUsed = true;
  return period;
}

const CALENDAR_KEYS = ["timeZone", "workingHours", "holidays"];
const MAX_HOLIDAYS = 500;

/** Reads the calendar of a scenario: time zone, working hours by weekday, and holidays as dates. Null if it is absent or invalid. */
export function readScenarioCalendar(problems: ProblemList, value: unknown, path: Path): Calendar | null {
  const source = value === undefined ? null : readObject(problems, value, path, CALENDAR_KEYS);
  if (!source) return null;
  const { timeZone = "UTC", workingHours, holidays = [] } = source;
  const hours = workingHours === undefined ? OFFICE_HOURS : readHours(problems, workingHours, [...path, "workingHours"]);
  const dates = Array.isArray(holidays) ? holidays.slice(0, MAX_HOLIDAYS) : [holidays];
  const compiled =
    hours && compileCalendar({ timeZone: String(timeZone), workingHours: hours, holidays: dates.map((date) => ({ date: String(date) })) });
  if (!compiled || compiled.ok) return compiled && compiled.value;
  for (const problem of compiled.problems)
    problems.add([...path, ...problem.path.replace(/\.date$/, "").split(".")], "BAD_VALUE", problem.message);
  return null;
}

/** Reads `{ monday: 09:00-17:00, friday: [09:00-12:00, 13:00-16:00] }`. A weekday that is not listed is free. */
function readHours(problems: ProblemList, value: unknown, path: Path): WorkCalendar["workingHours"] | null {
  const source = readObject(problems, value, path, WEEKDAYS);
  if (!source) return null;
  return Object.fromEntries(
    Object.entries(source).map(([day, spans]) => {
      const list: readonly unknown[] = Array.isArray(spans) ? spans.slice(0, 6) : [spans];
      return [day, list.map((span) => ({ from: String(span).slice(0, 5), to: String(span).slice(6) }))];
    }),
  );
}
