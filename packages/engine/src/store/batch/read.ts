/** Reads what the decisions of a batch are based on: instances with their open tasks, definitions to start from, and the time, in one statement. */
import { asTenant, type Database } from "@weft/platform/db";
import { cachedKeepingClocks, cachedMachine } from "../definition/machines.js";
import type { EnvironmentName } from "../definition/published.js";
import { instanceReadOf, type FoundInstance } from "../model/found-instance.js";
import { inUtc } from "../model/in-utc.js";
import type { InstanceRead } from "../model/snapshot.js";
import { slaOf, type FoundSla, type SlaRead } from "../sla/sla.store.js";
import { readClockSettings, type SettingsByTeam } from "../sla/settings.js";
import { profilesOfStarts, type KnownProfiles, type ProfilesOfStarts } from "../run-rules/profile.js";
import type { QueuedCall } from "./queued-call.js";
import type { Startable } from "../model/already-read.js";

export type BatchRead = {
  readonly instances: ReadonlyMap<string, InstanceRead>;
  /** By environment and key. */
  readonly definitions: ReadonlyMap<string, Startable>;
  /** What is known about the clocks and escalations of the instances that have some, by instance. */
  readonly sla: ReadonlyMap<string, SlaRead>;
  readonly settings: SettingsByTeam;
  /** IDs of the definitions whose first steps the security profile refuses. They start unbatched, where the refusal is reported and recorded. */
  readonly refused: ReadonlySet<string>;
  /** What is known about the security profile of the runs that begin. */
  readonly profiles: KnownProfiles;
  /** The time, as leases and due times have it. Null: nothing starts. */
  readonly clock: string | null;
  /** Whether the tenant is active, so that steps can begin. */
  readonly isActive: boolean;
};

export const placeOf = (environment: EnvironmentName = "PROD", key = ""): string => `${environment} ${key}`;

/**
 * Maximum number of characters of an instance's data, or of what comes with a call. A larger one runs unbatched, so that it does not delay the whole
 * batch.
 */
export const MAX_CHARS = 32_768;

type Found = {
  readonly instances: readonly FoundInstance[];
  readonly definitions: readonly (Startable & { readonly environment: EnvironmentName })[];
  readonly clock: string | null;
  readonly isActive: boolean | null;
};

const read = "engine.read_batch($1::uuid, $2::uuid[], $3::text[], $4::text[], $5::integer) as found";
const text = `/* readBatch */ select ${read}`;
// Clocks first: if one changes between the two, its guard fails.
const textWithClocks = `/* readBatch */ select engine.read_clocks($1::uuid, $2::uuid[], $6::uuid[]) as sla, ${read}`;

/** Instances that do not exist, and those with a lot of data, are missing. */
export async function readBatch(db: Database, tenantId: string, calls: readonly QueuedCall[]): Promise<BatchRead> {
  const ids = new Set<string>();
  const starts = new Map<string, { readonly key: string; readonly environment: EnvironmentName }>();
  for (const one of calls) {
    if ("firing" in one) ids.add(one.firing.id);
    else {
      const { definitionKey: key, environment = "PROD" } = one.starting;
      if (key !== undefined) starts.set(placeOf(environment, key), { key, environment });
    }
  }
  const places = [...starts.values()];
  const params = [tenantId, [...ids], places.map(({ key }) => key), places.map(({ environment }) => environment), MAX_CHARS];
  const keeping = cachedKeepingClocks(tenantId);
  const [row] = await (keeping.length === 0
    ? db.statement<Row>(text, params, { mode: "read", tenantId })
    : db.statement<Row>(textWithClocks, [...params, keeping], { mode: "read", tenantId }));
  if (!row) throw new Error("engine.read_batch returned no row");
  const found = {
    instances: new Map(row.found.instances.map((one) => [one.id, instanceReadOf(one)])),
    definitions: new Map(row.found.definitions.map((one) => [placeOf(one.environment, one.key), { ...one, now: inUtc(one.now) }])),
    sla: slaOf(row.sla ?? []),
  };
  const settings = await readSettings(db, tenantId, found, new Set(keeping));
  const { refused, known: profiles } = await readProfiles(db, tenantId, found.definitions);
  const { clock, isActive } = row.found;
  return { ...found, settings, refused, profiles, clock, isActive: isActive === true };
}

/** In a transaction of its own, only if definitions begin with steps. */
async function readProfiles(db: Database, tenantId: string, definitions: BatchRead["definitions"]): Promise<ProfilesOfStarts> {
  const starting = [...definitions.values()].flatMap(({ id }) => {
    const machine = cachedMachine(tenantId, id);
    const graph = machine?.states.get(machine.initial)?.run?.graph;
    return graph ? [{ id, graph }] : [];
  });
  if (starting.length === 0) return { refused: new Set(), known: {} };
  return asTenant(db, { tenantId }, "read", (tx) => profilesOfStarts(tx, { tenantId }, starting));
}

type Row = { readonly found: Found; readonly sla?: readonly FoundSla[] };

/** Returns the settings of the teams whose instances have clocks or escalations. */
async function readSettings(
  db: Database,
  tenantId: string,
  { instances, definitions, sla }: Pick<BatchRead, "instances" | "definitions" | "sla">,
  keeping: ReadonlySet<string>,
): Promise<SettingsByTeam> {
  const teamIds = [...instances.values()].flatMap(({ head }) => (sla.has(head.id) ? [head.teamId] : []));
  // A start in a batch has no team.
  if ([...definitions.values()].some(({ id }) => keeping.has(id))) teamIds.push(null);
  if (teamIds.length === 0) return new Map();
  const calendarKeys = [...sla.values()].flatMap(({ clocks }) => clocks.map(({ calendarKey }) => calendarKey));
  return readClockSettings(db, tenantId, { teamIds, calendarKeys });
}
