/**
 * Calendars: reads by which calendars a tenant or team counts, from its effective configuration. The core counts with them.
 * A process keeps them for half a second, as it keeps the configuration, and forgets them as soon as it hears of a change.
 * This module never counts anything itself.
 */
import { findLayers, onConfigurationChange, toEffectiveConfig } from "@weft/platform/configuration";
import { readsRequiredSince } from "@weft/platform/consistency";
import { beganAt, type Tx } from "@weft/platform/db";
import { LRUCache } from "lru-cache";
import { compileCalendars, withCalendars } from "../../core/calendar/compile.js";
import type { Calendar, Calendars } from "../../core/model/calendar.js";
import type { Machine } from "../../core/model/machine.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";

/** The tenant (UUID) and, if there is one, its team (UUID). */
export type CalendarSubject = { readonly tenantId: string; readonly teamId: string | null };

const FRESH_MS = 500;
interface Known {
  readonly calendars: Calendars;
  /** By `performance.now()`. */
  readonly readAt: number;
}

const known = new LRUCache<string, Known>({ max: 2000, ttl: FRESH_MS });
const keyOf = ({ tenantId, teamId }: CalendarSubject): string => `${tenantId} ${teamId ?? ""}`;

function cachedCalendars(subject: CalendarSubject): Calendars | undefined {
  const found = known.get(keyOf(subject));
  return found && found.readAt >= readsRequiredSince(subject.tenantId) ? found.calendars : undefined;
}

onConfigurationChange((tenantId) => {
  if (tenantId === null) return known.clear();
  for (const key of known.keys()) if (key.startsWith(tenantId)) known.delete(key);
});

/** Returns the calendar of a team, or of the tenant. */
export async function readCalendar(tx: Tx, subject: CalendarSubject): Promise<Calendar> {
  return (await readCalendars(tx, subject)).standard;
}

/** Returns the calendars of a team, or of the tenant. */
export async function readCalendars(tx: Tx, subject: CalendarSubject): Promise<Calendars> {
  const [found] = await readManyCalendars(tx, [subject]);
  if (!found) throw new Error("the calendars of a subject were not read");
  return found;
}

/** The same for many, in their order, with at most one statement. */
export async function readManyCalendars(tx: Tx, subjects: readonly CalendarSubject[]): Promise<Calendars[]> {
  const found = new Map<string, Calendars>();
  const missing = new Map<string, CalendarSubject>();
  for (const subject of subjects) {
    const key = keyOf(subject);
    const calendars = cachedCalendars(subject);
    if (calendars) found.set(key, calendars);
    else missing.set(key, subject);
  }
  if (missing.size > 0) {
    const layers = await withoutVendorScope(tx, () => findLayers(tx, [...missing.values()]));
    for (const [index, key] of [...missing.keys()].entries()) {
      const calendars = compileCalendars(toEffectiveConfig(layers[index] ?? []));
      known.set(key, { calendars, readAt: beganAt(tx) });
      found.set(key, calendars);
    }
  }
  return subjects.flatMap((subject) => found.get(keyOf(subject)) ?? []);
}

/** Returns the machine with the calendars of an instance. Reads them only if the machine uses any. */
export async function inCalendars<M extends Machine | null>(tx: Tx, machine: M, subject: CalendarSubject): Promise<M> {
  return machine?.usesCalendars ? (withCalendars(machine, await readCalendars(tx, subject)) as M) : machine;
}

/** The same without reading: null if the machine uses calendars that are not cached. */
export function inCachedCalendars(machine: Machine, subject: CalendarSubject): Machine | null {
  if (!machine.usesCalendars) return machine;
  const calendars = cachedCalendars(subject);
  return calendars ? withCalendars(machine, calendars) : null;
}

/** Returns the machines of instances by instance ID, each with its calendars. Reads them only if a machine uses any. */
export async function allInCalendars(
  tx: Tx,
  heads: readonly (CalendarSubject & { readonly id: string; readonly definitionId: string })[],
  machines: ReadonlyMap<string, Machine>,
): Promise<ReadonlyMap<string, Machine>> {
  const counting = heads.filter(({ definitionId }) => machines.get(definitionId)?.usesCalendars);
  const calendars = counting.length > 0 ? await readManyCalendars(tx, counting) : [];
  const byInstance = new Map(counting.map(({ id }, index) => [id, calendars[index]]));
  return new Map(
    heads.flatMap(({ id, definitionId }): [string, Machine][] => {
      const machine = machines.get(definitionId);
      const own = byInstance.get(id);
      return machine ? [[id, own ? withCalendars(machine, own) : machine]] : [];
    }),
  );
}
