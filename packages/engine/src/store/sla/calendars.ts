/** Calendars of SLA clocks, by the hash of their content: what was counted with a calendar can be counted again after it has changed. */
import { createHash } from "node:crypto";
import { sla } from "@weft/drizzle";
import { type EffectiveConfig, findLayers, toEffectiveConfig } from "@weft/platform/configuration";
import { named, type Tx } from "@weft/platform/db";
import { inArray } from "drizzle-orm";
import { LRUCache } from "lru-cache";
import { stringify } from "safe-stable-stringify";
import { ALWAYS, type WorkCalendar } from "../../core/model/calendar.js";
import type { CalendarOf, SlaCalendar } from "../../core/sla/ledger.js";
import { slaCalendarOf } from "../../core/sla/terms.js";

/** Key of elapsed time. */
export const ELAPSED = "elapsed";

const elapsed = slaCalendarOf(null);
/** By key: a key names its content, whatever the tenant. */
const calendars = new LRUCache<string, SlaCalendar>({ max: 500 });

/** Returns the key of a calendar, and keeps it for `calendarOf`. */
export function keyOfCalendar(calendar: WorkCalendar): string {
  const content = contentOf(calendar);
  const key = hashOf(content);
  if (!calendars.has(key)) calendars.set(key, slaCalendarOf(content));
  return key;
}

const contentOf = ({ timeZone, workingHours, holidays }: WorkCalendar): WorkCalendar => ({
  timeZone,
  workingHours,
  holidays: holidays.map(({ date }) => ({ date })),
});

const hashOf = (content: WorkCalendar): string => createHash("sha256").update(stringify(content)).digest("base64url");

/** Returns the keys of the stored calendars whose content is not that of their key. */
export async function findChangedCalendars(tx: Tx): Promise<string[]> {
  const rows = await named("readAllSlaCalendars", tx.select().from(sla.slaCalendars));
  return rows.flatMap(({ key, calendar }) => ((calendar === null ? ELAPSED : hashOf(contentOf(calendar))) === key ? [] : [key]));
}

/** Returns which calendars of the keys are cached, and the keys of the others. */
function lookUp(keys: readonly string[]): { readonly found: Map<string, SlaCalendar>; readonly missing: ReadonlySet<string> } {
  const found = new Map<string, SlaCalendar>([[ELAPSED, elapsed]]);
  const missing = new Set<string>();
  for (const key of keys) {
    const calendar = found.get(key) ?? calendars.get(key);
    if (calendar) found.set(key, calendar);
    else missing.add(key);
  }
  return { found, missing };
}

/** Returns the calendars of the keys, with a statement only if one of them is not cached. */
export async function readCalendars(tx: Tx, keys: readonly string[]): Promise<CalendarOf> {
  const { found, missing } = lookUp(keys);
  if (missing.size > 0) {
    const { slaCalendars } = sla;
    const rows = await named(
      "readSlaCalendars",
      tx
        .select()
        .from(slaCalendars)
        .where(inArray(slaCalendars.key, [...missing])),
    );
    for (const { key, calendar } of rows) {
      const read = slaCalendarOf(calendar);
      calendars.set(key, read);
      found.set(key, read);
    }
  }
  return calendarOfFound(found);
}

/** Calendars of terms that are computed afterwards are kept by `keyOfCalendar`. */
const calendarOfFound =
  (found: ReadonlyMap<string, SlaCalendar>): CalendarOf =>
  (key) => {
    const calendar = found.get(key) ?? calendars.get(key);
    if (!calendar) throw new Error(`the calendar ${key} of an SLA clock is missing`);
    return calendar;
  };

/** The same without reading: null if one of them is not cached. */
export function inCachedSlaCalendars(keys: readonly string[]): CalendarOf | null {
  const { found, missing } = lookUp(keys);
  return missing.size > 0 ? null : calendarOfFound(found);
}

/** The effective configuration of the instance's team, or of the tenant. */
export async function readConfig(tx: Tx, subject: { readonly tenantId: string; readonly teamId: string | null }): Promise<EffectiveConfig> {
  const [layers = []] = await findLayers(tx, [subject]);
  return toEffectiveConfig(layers);
}

/** Returns the calendar of this name, or the default calendar if there is none. */
export function calendarNamed(config: EffectiveConfig, name: string | null): WorkCalendar {
  const { timeZone, workingHours, holidays } = config;
  const all = (config as { readonly calendars?: Readonly<Record<string, WorkCalendar>> }).calendars ?? {};
  if (name !== null && Object.hasOwn(all, name)) return all[name] as WorkCalendar;
  if (name === ALWAYS) return { timeZone, workingHours: allDay, holidays: [] };
  return { timeZone, workingHours, holidays };
}

const allDay = Object.fromEntries(
  ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map((day) => [day, [{ from: "00:00", to: "24:00" }]]),
);
