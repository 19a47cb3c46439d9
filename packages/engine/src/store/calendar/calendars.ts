/** Calendars: reads the working calendar of a tenant or team from its effective configuration. The core counts with it. */
import { findLayers, toEffectiveConfig, type Tx } from "@weft/shared";
import { compileCalendar } from "../../core/calendar/compile.js";
import type { Calendar, WorkCalendar } from "../../core/model/calendar.js";

/** The tenant (UUID) and, if there is one, its team (UUID). */
export type CalendarSubject = { readonly tenantId: string; readonly teamId: string | null };

/** Returns the calendar of a team, or of the tenant. */
export async function readCalendar(tx: Tx, { tenantId, teamId }: CalendarSubject): Promise<Calendar> {
  const [layers = []] = await findLayers(tx, [{ tenantId, teamId }]);
  return calendarOf(toEffectiveConfig(layers));
}

/** @throws if the configuration is not valid, which it was when it was saved */
function calendarOf(config: WorkCalendar): Calendar {
  const compiled = compileCalendar(config);
  if (compiled.ok) return compiled.value;
  throw new Error(`The calendar cannot be read: ${compiled.problems.map(({ path, message }) => `${path}: ${message}`).join(" ")}`);
}
