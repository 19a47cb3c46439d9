/** Compares SLA clocks and their ledgers with what the log of events says. */
import { sla } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, sql } from "drizzle-orm";
import { findChangedCalendars, readCalendars } from "./calendars.js";
import type { ClockRow } from "./clocks.store.js";
import { recountClocks, type ClockRows, type IntervalRow, type SlaEvent } from "./recount.js";

const { slaClocks, slaIntervals } = sla;

/** Something stored that is not what the events result in. */
export type SlaDifference = {
  /** UUID of the clock, or the key of a calendar. */
  readonly id: string;
  /** What differs, for example `dueAt` or `entry 3: consumedSeconds`. */
  readonly what: string;
  readonly stored: unknown;
  readonly recounted: unknown;
};

export type Verified = {
  readonly clocks: number;
  readonly entries: number;
  readonly differences: readonly SlaDifference[];
  /** UUID of the last instance; null: there are no more. */
  readonly last: string | null;
};

/** Recounts the clocks of the next instances of the transaction's tenant, by ID. */
export async function verifyClocks(tx: Tx, { after, limit }: { readonly after: string | null; readonly limit: number }): Promise<Verified> {
  const ids = await selectInstances(tx, { after, limit });
  const changed = after === null ? await findChangedCalendars(tx) : [];
  const stored = await selectRows(tx, ids);
  const events = await selectEvents(tx, ids);
  const keys = events.flatMap(({ type, payload }) =>
    type === "sla.recorded" ? payload.clocks.flatMap(({ changes }) => changes.map(({ calendarKey }) => calendarKey)) : [],
  );
  const calendarOf = await readCalendars(tx, [...new Set(keys)]);
  const recounted = recountClocks(stored.tenantId, events, calendarOf);
  const clockIds = new Set([...stored.clocks.keys(), ...recounted.keys()]);
  return {
    clocks: clockIds.size,
    entries: [...stored.clocks.values()].reduce((sum, { intervals }) => sum + intervals.length, 0),
    differences: [
      ...changed.map((key) => ({ id: key, what: "calendar", stored: "another content", recounted: key })),
      ...[...clockIds].flatMap((id) => differencesOf(id, stored.clocks.get(id), recounted.get(id))),
    ],
    last: ids.length < limit ? null : (ids.at(-1) ?? null),
  };
}

async function selectInstances(tx: Tx, { after, limit }: { after: string | null; limit: number }): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "selectInstancesOfSlaClocks",
      sql`(select instance_id as id from workflows.sla_clocks where tenant_id = app.tenant() and (${after}::uuid is null or instance_id > ${after}::uuid)
            group by 1 order by 1 limit ${limit}::int)
        union
          (select subject_id from events.log where tenant_id = app.tenant() and type in ('sla.recorded', 'sla.warning', 'sla.breached')
              and (${after}::uuid is null or subject_id > ${after}::uuid)
            group by 1 order by 1 limit ${limit}::int)
        order by 1 limit ${limit}::int`,
    ),
  );
  return rows.map(({ id }) => id);
}

async function selectRows(tx: Tx, ids: readonly string[]): Promise<{ tenantId: string; clocks: Map<string, ClockRows> }> {
  const ofTenant = sql`${slaClocks.tenantId} = app.tenant()`;
  const clocks = await named(
    "selectSlaClocksToVerify",
    tx
      .select()
      .from(slaClocks)
      .where(and(ofTenant, among(slaClocks.instanceId, ids))),
  );
  const entries = await named(
    "selectSlaIntervalsToVerify",
    tx
      .select()
      .from(slaIntervals)
      .where(
        and(
          sql`${slaIntervals.tenantId} = app.tenant()`,
          among(
            slaIntervals.clockId,
            clocks.map(({ id }) => id),
          ),
        ),
      )
      .orderBy(asc(slaIntervals.clockId), asc(slaIntervals.position)),
  );
  const byClock = Map.groupBy(entries, ({ clockId }) => clockId);
  return {
    tenantId: clocks[0]?.tenantId ?? "",
    clocks: new Map(clocks.map((row) => [row.id, { row, intervals: byClock.get(row.id) ?? [] }])),
  };
}

/** Returns the events in the order of the log: by position, and those that have none yet by their turn in the outbox. */
async function selectEvents(tx: Tx, ids: readonly string[]): Promise<SlaEvent[]> {
  if (ids.length === 0) return [];
  const rows = await tx.execute<{ type: string; payload: unknown }>(
    named(
      "selectSlaEvents",
      sql`select l.type, l.payload from events.log l
          left join events.positions p on p.tenant_id = l.tenant_id and p.event_id = l.id
          left join events.outbox o on o.tenant_id = l.tenant_id and o.event_id = l.id
         where l.tenant_id = app.tenant() and l.type in ('sla.recorded', 'sla.warning', 'sla.breached')
           and l.subject_id = any(${sql.param([...ids])}::uuid[])
         order by p.position nulls last, o.seq`,
    ),
  );
  return rows as unknown as SlaEvent[];
}

function differencesOf(id: string, stored: ClockRows | undefined, recounted: ClockRows | undefined): SlaDifference[] {
  if (!stored || !recounted) return [{ id, what: "clock", stored: stored?.row ?? null, recounted: recounted?.row ?? null }];
  const count = Math.max(stored.intervals.length, recounted.intervals.length);
  return [
    ...compare<ClockRow>(id, "", stored.row, recounted.row),
    ...Array.from({ length: count }, (_, index) =>
      compare<Omit<IntervalRow, "reason">>(id, `entry ${index + 1}: `, stored.intervals[index], recounted.intervals[index]),
    ).flat(),
  ];
}

function compare<Row extends object>(id: string, prefix: string, stored: Row | undefined, recounted: Row | undefined): SlaDifference[] {
  const keys = Object.keys(recounted ?? stored ?? {}) as (keyof Row & string)[];
  return keys.flatMap((key) => {
    const [is, should] = [stored?.[key], recounted?.[key]];
    return comparable(key, is) === comparable(key, should) ? [] : [{ id, what: prefix + key, stored: is, recounted: should }];
  });
}

/** Times are compared to the second: text from the database has more digits. */
const comparable = (key: string, value: unknown): string =>
  key.endsWith("At") && typeof value === "string" ? String(Math.floor(Date.parse(value) / 1_000)) : JSON.stringify(value ?? null);
