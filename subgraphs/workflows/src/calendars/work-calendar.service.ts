import { addPeriod, compileCalendars, daysOf, localDate, parsePeriod, readNow, workingSecondsBetween } from "@weft/engine";
import { BadUserInput, NotFound, quote } from "@weft/shared/errors";
import { decodeIdOrNull, encodeId } from "@weft/shared/ids";
import { findLayers, toEffectiveConfig } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { isTeam } from "./work-calendar.store.js";
import type { CalendarDay, WorkCalendar } from "./work-calendar.type.js";

export const MAX_DAYS = 400;
const MAX_SPAN_YEARS = 20;
const YEAR_MS = 366 * 86_400_000;

/** Returns the calendars of a team or of the tenant: the one that applies by default, those of the configuration by name, and `always`. */
export async function workCalendarsOf(ctx: Context, teamId: string | null | undefined): Promise<WorkCalendar[]> {
  const team = decodeIdOrNull("team", teamId, "teamId") ?? null;
  return ctx.read(async (tx) => {
    if (team !== null) await assertTeam(tx, team);
    const [layers = []] = await findLayers(tx, [{ tenantId: ctx.viewer.tenantId, teamId: team }]);
    const now = await readNow(tx);
    const config = toEffectiveConfig(layers);
    const { standard, named } = compileCalendars(config);
    const holidaysOf = (name: string | null) =>
      new Map((name === null ? config : (config.calendars[name] ?? { holidays: [] })).holidays.map((day) => [day.date, day.name]));
    const all = [[null, standard] as const, ...named];
    return all.map(([name, calendar]) => ({ name, timeZone: calendar.timeZone, calendar, holidays: holidaysOf(name), now }));
  });
}

/** @throws NotFound */
export async function assertTeam(tx: Tx, id: string): Promise<void> {
  if (!(await isTeam(tx, id))) throw new NotFound("Team", encodeId("team", id));
}

/** Returns the days of a calendar from a date on, by default from today. */
export function calendarDaysOf({ calendar, holidays, now }: WorkCalendar, from: string | null | undefined, count: number): CalendarDay[] {
  if (count < 1 || count > MAX_DAYS) throw new BadUserInput([{ path: "first", message: `${count} is not between 1 and ${MAX_DAYS}.` }]);
  const days = daysOf(calendar, from ?? localDate(calendar, now), count);
  if (!days)
    throw new BadUserInput([{ path: "from", message: `${quote(from ?? "")} is not a valid date. Use a date such as 2026-03-01.` }]);
  return days.map(({ date, workingHours }) => ({ date, workingHours: [...workingHours], holiday: holidays.get(date) ?? null }));
}

/** Returns when a period after a time is over. Null if there is no such time within ten years. */
export function deadlineOf({ calendar, now }: WorkCalendar, after: string, from: string | null | undefined): string | null {
  const period = parsePeriod(after);
  if (period) return addPeriod(calendar, from ?? now, period);
  const message = `${quote(after)} is not a valid duration. Use a duration of at most ten years, for example PT4H, P2D or 2 working days.`;
  throw new BadUserInput([{ path: "after", message }]);
}

/** Returns the working seconds between two times, negative if `to` is earlier. */
export function workingSecondsOf({ calendar }: WorkCalendar, from: string, to: string): number {
  if (Math.abs(Date.parse(to) - Date.parse(from)) > MAX_SPAN_YEARS * YEAR_MS)
    throw new BadUserInput([{ path: "to", message: `The times are more than ${MAX_SPAN_YEARS} years apart.` }]);
  return workingSecondsBetween(calendar, from, to);
}
