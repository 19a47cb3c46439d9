/** When levels of escalations are due. */
import { calendarNamed, DEFAULT_CALENDARS } from "../calendar/compile.js";
import { addPeriod } from "../calendar/periods.js";
import type { Calendars } from "../model/calendar.js";
import type { EscalationLevel, EscalationRule } from "../model/escalation.js";
import type { CalendarOf, SlaClock } from "../sla/ledger.js";

/** Returns when a level of a state's or a task's chain is due. Null if the calendar has too little working time. */
export function levelDueAt(
  { calendar }: EscalationRule,
  { after }: EscalationLevel,
  { anchoredAt, calendars }: { readonly anchoredAt: string; readonly calendars: Calendars | null },
): string | null {
  if (after === null) return new Date(anchoredAt).toISOString();
  return addPeriod(calendarNamed(calendars ?? DEFAULT_CALENDARS, calendar), anchoredAt, after);
}

/**
 * Returns when a level of an SLA clock's chain is due: when the clock has consumed that much after its warning or its target, so paused time does not
 * count. Null while the clock is paused or after its end. A clock whose target is too short for a warning warns at its target.
 */
export function clockLevelDueAt(
  clock: SlaClock,
  { on }: EscalationRule,
  { after }: EscalationLevel,
  calendarOf: CalendarOf,
): string | null {
  const { entry, startedAt } = clock;
  if (entry.phase !== "RUN" || on.kind !== "sla") return null;
  const { target, warn, calendar: key } = entry.terms;
  const calendar = calendarOf(key);
  const begins = on.at === "warning" ? (warn[0] ?? target) : target;
  const seconds = begins + (after === null ? 0 : calendar.secondsOf(after, startedAt));
  return calendar.add(entry.at, Math.max(0, seconds - entry.consumed));
}
