/** Compiles the calendars of a configuration. */
import { ALWAYS, type Calendar, type CalendarConfiguration, type Calendars, type DaySpan, type WorkCalendar } from "../model/calendar.js";
import type { Machine } from "../model/machine.js";
import { quote } from "../model/problems.js";
import { DAY_MS, isTimeZone } from "./zone.js";

export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

export type CalendarProblem = { readonly path: string; readonly message: string };
export type CompiledCalendar =
  | { readonly ok: true; readonly value: Calendar }
  | { readonly ok: false; readonly problems: readonly CalendarProblem[] };

const MINUTE_MS = 60_000;
/** Nothing but the configuration holds these objects, so they are forgotten with it. */
const compiled = new WeakMap<WorkCalendar, CompiledCalendar>();

/** Compiles a calendar, once for each object. A calendar without any working time is valid: nothing is ever due by it. */
export function compileCalendar(source: WorkCalendar): CompiledCalendar {
  const found = compiled.get(source) ?? compile(source);
  compiled.set(source, found);
  return found;
}

function compile({ timeZone, workingHours, holidays }: WorkCalendar): CompiledCalendar {
  const problems: CalendarProblem[] = [];
  if (!isTimeZone(timeZone)) problems.push({ path: "timeZone", message: `${quote(timeZone)} is not a valid time zone.` });
  for (const day of Object.keys(workingHours)) {
    if (!WEEKDAYS.some((one) => one === day))
      problems.push({ path: `workingHours.${day}`, message: `${quote(day)} is not a day of the week. Use monday to sunday.` });
  }
  const weekdays = WEEKDAYS.map((day) => readSpans(problems, workingHours[day] ?? [], `workingHours.${day}`));
  const days = new Set<number>();
  for (const [index, { date }] of holidays.entries()) {
    const day = dayOfDate(date);
    const path = `holidays.${index}.date`;
    if (day === null) problems.push({ path, message: `${quote(date)} is not a valid date.` });
    else if (days.has(day)) problems.push({ path, message: `${date} is already in the list.` });
    else days.add(day);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { timeZone, weekdays, holidays: days, years: new Map() } };
}

function readSpans(problems: CalendarProblem[], hours: WorkCalendar["workingHours"][string], path: string): readonly DaySpan[] {
  const spans: DaySpan[] = [];
  for (const [index, { from, to }] of hours.entries()) {
    const [begin, end] = [timeOfDay(from), timeOfDay(to)];
    const where = `${path}.${index}`;
    const previous = spans.at(-1);
    if (begin === null || end === null)
      problems.push({ path: where, message: `${quote(begin === null ? from : to)} is not a valid time of day. Use 00:00 to 24:00.` });
    else if (begin >= end)
      problems.push({ path: where, message: `${from} is not before ${to}. Split spans that cross midnight into two days.` });
    else if (previous && begin < previous.to)
      problems.push({ path: where, message: `${from} is before the end of the previous span, ${hours[index - 1]?.to ?? ""}.` });
    else spans.push({ from: begin, to: end });
  }
  return spans;
}

function timeOfDay(text: string): number | null {
  const found = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/.exec(text);
  if (!found) return null;
  return found[1] === undefined ? DAY_MS : (Number(found[1]) * 60 + Number(found[2])) * MINUTE_MS;
}

/** Returns the days since 1970-01-01. Null if there is no such date. */
export function dayOfDate(date: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return null;
  const at = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(date) ? null : at / DAY_MS;
}

const everyDay = (span: DaySpan): readonly (readonly DaySpan[])[] => WEEKDAYS.map(() => [span]);

/** Returns the calendar in which every moment is working time. */
export function alwaysCalendar(timeZone: string): Calendar {
  return { timeZone, weekdays: everyDay({ from: 0, to: DAY_MS }), holidays: new Set(), years: new Map() };
}

/** Equal to the defaults of the configuration's schema. */
export const OFFICE_HOURS: WorkCalendar["workingHours"] = Object.fromEntries(
  WEEKDAYS.slice(0, 5).map((day) => [day, [{ from: "09:00", to: "17:00" }]]),
);

/** The calendar without any configuration: Monday to Friday, 09:00 to 17:00 UTC. */
export const DEFAULT_CALENDAR: Calendar = sound({ timeZone: "UTC", workingHours: OFFICE_HOURS, holidays: [] });

/** Returns a calendar with further ones by name, and `always` in its time zone. */
export function calendarsWith(standard: Calendar, named: readonly (readonly [string, Calendar])[] = []): Calendars {
  return { standard, named: new Map([...named, [ALWAYS, alwaysCalendar(standard.timeZone)]]) };
}

/** Without a configuration: the default calendar, under every name but `always`. */
export const DEFAULT_CALENDARS: Calendars = calendarsWith(DEFAULT_CALENDAR);

/** Returns the calendar of that name. The standard one for null, and for a name that the configuration does not contain. */
export const calendarNamed = ({ standard, named }: Calendars, name: string | null): Calendar =>
  (name === null ? undefined : named.get(name)) ?? standard;

/** Returns the machine with the calendars of an instance. */
export const withCalendars = (machine: Machine, calendars: Calendars): Machine => ({
  ...machine,
  calendars: { ...calendars, chosen: machine.calendar },
});

/** Compiles the calendars of a configuration. @throws if one is not valid: all were validated when they were saved */
export function compileCalendars(config: CalendarConfiguration): Calendars {
  const named = Object.entries(config.calendars).map(([name, calendar]) => [name, sound(calendar)] as const);
  return calendarsWith(sound(config), named);
}

function sound(source: WorkCalendar): Calendar {
  const result = compileCalendar(source);
  if (result.ok) return result.value;
  throw new Error(`The calendar cannot be read: ${result.problems.map(({ path, message }) => `${path}: ${message}`).join(" ")}`);
}

/** Returns the working hours of a day, given in days since 1970-01-01. */
export function spansOfDay({ weekdays, holidays }: Calendar, day: number): readonly DaySpan[] {
  // 1970-01-01 was a Thursday.
  const weekday = (((day + 3) % 7) + 7) % 7;
  return holidays.has(day) ? [] : (weekdays[weekday] ?? []);
}
