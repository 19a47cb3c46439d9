/** Recomputes open clocks after a change of a policy or a calendar, and previews such a change. */
import { sla } from "@weft/drizzle";
import { type ConfigurationLayer, findLayers, toEffectiveConfig } from "@weft/platform/configuration";
import { among, named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import type { Machine } from "../../core/model/machine.js";
import { withCurrentTerms, type InstanceClock, type Recomputing, type SlaRules } from "../../core/sla/decide.js";
import { hasEnded, standingOf, type SlaStanding } from "../../core/sla/ledger.js";
import type { SlaPolicy } from "../../core/sla/policy.js";
import { findMachine } from "../definition/machines.js";
import { findInstances, readInstance, type InstanceRead } from "../model/snapshot.js";
import { readCalendars } from "./calendars.js";
import { selectClocks, toClock, type ClockRow, type StoredClock } from "./clocks.store.js";
import { viewNow, writeChanged } from "./keep.js";
import { selectPolicies } from "./policies.store.js";
import { termsSource, type TermsSettings, type TermsSource } from "./terms-source.js";

const { slaClocks } = sla;

/** Open clocks of a definition (null: of all), and of a team's instances (null: of all). */
export type ClockScope = { readonly definitionKey: string | null; readonly teamId: string | null };

const openIn = ({ definitionKey, teamId }: ClockScope) =>
  and(
    isNull(slaClocks.endedAt),
    definitionKey === null ? undefined : eq(slaClocks.definitionKey, definitionKey),
    teamId === null
      ? undefined
      : sql`exists (select from workflows.instances i
          where i.tenant_id = ${slaClocks.tenantId} and i.id = ${slaClocks.instanceId} and i.team_id = ${teamId}::uuid)`,
  );

export async function countOpenClocks(tx: Tx, scope: ClockScope): Promise<number> {
  const query = tx
    .select({ count: sql<number>`count(*)::int` })
    .from(slaClocks)
    .where(openIn(scope));
  const [row] = await named("countOpenSlaClocks", query);
  return row?.count ?? 0;
}

/** Returns the next instances with open clocks, by ID, with the number of these clocks. */
export function selectClockOwners(
  tx: Tx,
  scope: ClockScope,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ instanceId: string; clocks: number }[]> {
  const query = tx
    .select({ instanceId: slaClocks.instanceId, clocks: sql<number>`count(*)::int` })
    .from(slaClocks)
    .where(and(openIn(scope), after === null ? undefined : gt(slaClocks.instanceId, after)))
    .groupBy(slaClocks.instanceId)
    .orderBy(asc(slaClocks.instanceId))
    .limit(limit);
  return named("selectSlaClockOwners", query);
}

/** Another configuration or other policies than the current ones. */
export type TermsDraft = {
  readonly policies?: (current: readonly SlaPolicy[]) => readonly SlaPolicy[];
  readonly layers?: (current: readonly ConfigurationLayer[], teamId: string | null) => readonly ConfigurationLayer[];
};

/** A clock that would change, as it is now and as it would be. */
export type ClockPreview = {
  readonly row: ClockRow;
  readonly before: SlaStanding;
  readonly after: SlaStanding & { readonly target: number };
};

/** Returns the open clocks of these instances whose terms are not those of this moment, or not those of a draft. Locks and writes nothing. */
export async function previewClocks(
  tx: Tx,
  tenantId: string,
  instanceIds: readonly string[],
  draft: TermsDraft = {},
): Promise<ClockPreview[]> {
  if (instanceIds.length === 0) return [];
  const reads = await findInstances(tx, instanceIds);
  const rows = await named(
    "selectOpenSlaClocks",
    tx
      .select()
      .from(slaClocks)
      .where(and(among(slaClocks.instanceId, instanceIds), isNull(slaClocks.endedAt)))
      .orderBy(asc(slaClocks.instanceId), asc(slaClocks.id)),
  );
  const settingsOf = await readSettings(tx, tenantId, reads, draft);
  const calendarOf = await readCalendars(tx, [...new Set(rows.map(({ calendarKey }) => calendarKey))]);
  const byInstance = Map.groupBy(rows, ({ instanceId }) => instanceId);
  const found: ClockPreview[] = [];
  for (const read of reads) {
    const machine = await findMachine(tx, tenantId, read.head.definitionId);
    if (!machine) continue;
    const terms = termsSource(read.head, machine.showId, settingsOf(read.head.teamId));
    const rules: SlaRules = { slas: machine.slas, showId: machine.showId, termsOf: terms.termsOf, calendarOf };
    const facts: Recomputing = { view: viewNow(read), at: read.now, cause: "POLICY_CHANGE", by: null, reason: null };
    for (const row of byInstance.get(read.head.id) ?? []) {
      const clock = toClock(row);
      const changed = withCurrentTerms(rules, clock, facts);
      if (changed === clock) continue;
      const after = standingOf(changed.clock, read.now, calendarOf);
      found.push({
        row,
        before: standingOf(clock.clock, read.now, calendarOf),
        after: { ...after, target: changed.clock.entry.terms.target },
      });
    }
  }
  return found;
}

/** Reads the policies and the configuration of each team, with one statement each. */
async function readSettings(
  tx: Tx,
  tenantId: string,
  reads: readonly InstanceRead[],
  { policies: draftPolicies, layers: draftLayers }: TermsDraft,
): Promise<(teamId: string | null) => TermsSettings> {
  const current = await selectPolicies(tx);
  const policies = draftPolicies?.(current) ?? current;
  const teams = [...new Set(reads.map(({ head }) => head.teamId))];
  const layers = await findLayers(
    tx,
    teams.map((teamId) => ({ tenantId, teamId })),
  );
  const byTeam = new Map(
    teams.map((teamId, index) => {
      const found = layers[index] ?? [];
      return [teamId, { config: toEffectiveConfig(draftLayers?.(found, teamId) ?? found), policies }];
    }),
  );
  return (teamId) => {
    const settings = byTeam.get(teamId);
    if (!settings) throw new Error("the configuration of a team was not read");
    return settings;
  };
}

export type Recomputed = Omit<Recomputing, "view" | "at"> & { readonly instanceId: string; readonly recomputationId: string };

/**
 * Applies the current terms to the open clocks of an instance, in the transaction of the caller. A breach or a warning that was reached before, but
 * not announced, is announced first, and none that was announced is announced again. Returns the number of clocks that changed.
 */
export async function recomputeClocks(tx: Tx, meta: WriteMeta, { instanceId, recomputationId, ...facts }: Recomputed): Promise<number> {
  // Locks the instance first, as every change of it does.
  const read = await readInstance(tx, instanceId, { permission: "workflow.read", lockRead: true });
  const machine = await findMachine(tx, meta.tenantId, read.head.definitionId);
  const stored = (await selectClocks(tx, instanceId, { lock: true })).map(toClock);
  if (!machine || stored.every(({ clock }) => hasEnded(clock))) return 0;
  const terms = termsSource(read.head, machine.showId);
  await terms.read(tx);
  const clocks = await currentClocks(tx, { machine, terms, stored, facts: { ...facts, view: viewNow(read), at: read.now } });
  const changed = clocks.changed.length;
  await writeChanged(tx, meta, {
    head: read.head,
    clocks: clocks.changed,
    stored,
    calendarOf: clocks.calendarOf,
    calendars: terms.used,
    titleOf: (rule) => machine.slas.get(rule)?.title ?? null,
    recomputationId,
  });
  return changed;
}

type Current = {
  readonly machine: Machine;
  readonly terms: TermsSource;
  readonly stored: readonly StoredClock[];
  readonly facts: Recomputing;
};

async function currentClocks(tx: Tx, { machine, terms, stored, facts }: Current) {
  const calendarOf = await readCalendars(tx, [...new Set(stored.map(({ clock }) => clock.entry.terms.calendar))]);
  const rules: SlaRules = { slas: machine.slas, showId: machine.showId, termsOf: terms.termsOf, calendarOf };
  const changed = stored.map((one): InstanceClock => withCurrentTerms(rules, one, facts)).filter(({ newEntries }) => newEntries.length > 0);
  return { changed, calendarOf };
}
