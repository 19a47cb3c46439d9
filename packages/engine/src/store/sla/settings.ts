/** What batches need to know about tenants and teams to keep clocks: configuration, policies, and calendars. A process keeps it for half a second. */
import { findLayers, onConfigurationChange, toEffectiveConfig } from "@weft/platform/configuration";
import { readsRequiredSince } from "@weft/platform/consistency";
import { asTenant, type Database } from "@weft/platform/db";
import { LRUCache } from "lru-cache";
import { compileCalendars } from "../../core/calendar/compile.js";
import type { Calendars } from "../../core/model/calendar.js";
import { inCachedSlaCalendars, readCalendars } from "./calendars.js";
import { countRecomputations } from "./sla.store.js";
import { selectPolicies } from "./policies.store.js";
import type { TermsSettings } from "./terms-source.js";

/** `recomputations`: their number before the rest was read. While it stays the same, no clock has been examined that does not have these terms. */
export type ClockSettings = TermsSettings & { readonly calendars: Calendars; readonly recomputations: number };

/** By team; null: the tenant itself. */
export type SettingsByTeam = ReadonlyMap<string | null, ClockSettings>;

const FRESH_MS = 500;
const known = new LRUCache<string, { readonly settings: ClockSettings; readonly askedAt: number }>({ max: 2000, ttl: FRESH_MS });
const keyOf = (tenantId: string, teamId: string | null): string => `${tenantId} ${teamId ?? ""}`;

onConfigurationChange((tenantId) => {
  if (tenantId === null) return known.clear();
  for (const key of known.keys()) if (key.startsWith(tenantId)) known.delete(key);
});

/** What clocks that are stored count with. */
export type SettingsNeeded = { readonly teamIds: readonly (string | null)[]; readonly calendarKeys: readonly string[] };

/** Returns the settings of teams of a tenant, in a transaction of its own if some are not cached. Afterwards the calendars are cached, too. */
export async function readClockSettings(
  db: Database,
  tenantId: string,
  { teamIds, calendarKeys }: SettingsNeeded,
): Promise<SettingsByTeam> {
  const found = new Map<string | null, ClockSettings>();
  const missing: (string | null)[] = [];
  for (const teamId of new Set(teamIds)) {
    const entry = known.get(keyOf(tenantId, teamId));
    if (entry && entry.askedAt >= readsRequiredSince(tenantId)) found.set(teamId, entry.settings);
    else missing.push(teamId);
  }
  if (missing.length === 0 && inCachedSlaCalendars(calendarKeys)) return found;
  const askedAt = performance.now();
  await asTenant(db, { tenantId }, "read", async (tx) => {
    // First: a change in the meantime is then noticed.
    const recomputations = await countRecomputations(tx);
    const policies = await selectPolicies(tx);
    const layers = await findLayers(
      tx,
      missing.map((teamId) => ({ tenantId, teamId })),
    );
    await readCalendars(tx, calendarKeys);
    for (const [index, teamId] of missing.entries()) {
      const config = toEffectiveConfig(layers[index] ?? []);
      const settings = { config, policies, calendars: compileCalendars(config), recomputations };
      known.set(keyOf(tenantId, teamId), { settings, askedAt });
      found.set(teamId, settings);
    }
  });
  return found;
}
