import { sql, type SQL } from "drizzle-orm";
import type { Tx } from "../../db/database.js";
import { named } from "../../db/named.js";
import { eventWithId } from "../read.js";
import type { EventUse } from "./event-use.js";

/** NEW: events that were not examined before. KEPT: those that were still needed when they were. */
export type Part = "NEW" | "KEPT";

/**
 * Lets one transaction at a time delete events, or what is known about their effects, and none while another one holds them. False if another one has the
 * lock: nothing must be deleted now.
 */
export async function lockRetention(tx: Tx): Promise<boolean> {
  const rows = await tx.execute<{ taken: boolean }>(
    named("lockRetention", sql`select pg_try_advisory_xact_lock(hashtextextended('weft.events.retention.' || app.tenant(), 0)) as taken`),
  );
  return rows[0]?.taken ?? false;
}

/** Ensures that no events of the tenant, and nothing that is known about their effects, are deleted until the transaction ends. What it writes, such as a replay, holds them afterwards. */
export async function holdEvents(tx: Tx): Promise<void> {
  await tx.execute(
    named("holdEvents", sql`select pg_advisory_xact_lock_shared(hashtextextended('weft.events.retention.' || app.tenant(), 0))`),
  );
}

interface Wanted {
  readonly part: Part;
  readonly days: number;
  readonly limit: number;
  readonly consumers: readonly string[];
  readonly uses: readonly EventUse[];
}

export interface Examined {
  /** IDs of the events that are old and no longer needed. */
  readonly deletable: readonly string[];
  /** Position of the last one that was examined. Null if there was none. */
  readonly upTo: number | null;
  /** When the last one of them occurred. */
  readonly until: string | null;
  /** Whether no further ones are old. */
  readonly isAtEnd: boolean;
}

/** Examines the next events in order, up to the first one that is not old enough or that has not been read by all. */
export async function nextEvents(tx: Tx, { part, days, limit, consumers, uses }: Wanted): Promise<Examined> {
  const needs = uses.flatMap((use) => (use.needs ? [sql`or (${use.needs})`] : []));
  const rows = await tx.execute<{ deletable: string[]; up_to: string | null; until: string | null; is_at_end: boolean }>(
    named(
      `examineEvents${part}`,
      sql`with state as (
        select coalesce(max(r.deleted_position), 0) as deleted, coalesce(max(r.examined_position), 0) as examined
          from events.retention r where r.tenant_id = app.tenant()
      ), range as (
        ${part === "NEW" ? sql`select s.deleted as low, coalesce(${readByAll(consumers, uses)}, 0) as high from state s` : sql`select s.examined as low, s.deleted as high from state s`}
      ), first as materialized (
        -- Usually the oldest event is not old enough, and nothing else is read.
        select g.low, g.high from range g
         where (select l.occurred_at from events.positions p cross join lateral (${eventWithId(sql`p.tenant_id`, sql`p.event_id`)}) l
                 where p.tenant_id = app.tenant() and p.position > g.low and p.position <= g.high order by p.position limit 1)
               < app.weft_now() - make_interval(days => ${days}::int)
      ), next as materialized (
        select p.position, l.id, l.type, l.occurred_at, l.occurred_at < app.weft_now() - make_interval(days => ${days}::int) as is_old
          from first g join events.positions p on p.tenant_id = app.tenant() and p.position > g.low and p.position <= g.high
          cross join lateral (${eventWithId(sql`p.tenant_id`, sql`p.event_id`)}) l
         order by p.position limit ${limit}::int
      ), old as (
        select n.* from next n
         where n.is_old and n.position < coalesce((select min(y.position) from next y where not y.is_old), n.position + 1)
      )
      select coalesce(array_agg(l.id) filter (where app.event_is_past(l.type, l.occurred_at) and not (false ${sql.join(needs, sql` `)})), '{}') as deletable,
             max(l.position)::text as up_to, max(l.occurred_at)::text as until, count(*) < ${limit}::int as is_at_end
        from old l`,
    ),
  );
  const [row] = rows;
  return {
    deletable: row?.deletable ?? [],
    upTo: row?.up_to === null || row?.up_to === undefined ? null : Number(row.up_to),
    until: row?.until ?? null,
    isAtEnd: row?.is_at_end ?? true,
  };
}

/** Position up to which every consumer and everything else has read. A consumer without a cursor, such as a new one, begins with what is left. */
const readByAll = (consumers: readonly string[], uses: readonly EventUse[]): SQL =>
  sql`least(${sql.join(
    [
      sql`(select h.position from events.position_heads h where h.tenant_id = app.tenant())`,
      sql`(select min(c.position) from events.consumer_cursors c where c.tenant_id = app.tenant() and c.consumer = any(${sql.param([...consumers])}::text[]))`,
      ...uses.flatMap(({ hasReadUpTo }) => (hasReadUpTo ? [hasReadUpTo] : [])),
    ],
    sql`, `,
  )})`;

/** Deletes events, and then their positions: a policy refuses the position of an event that is stored. Returns the number of events. */
export async function deleteEvents(tx: Tx, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const deleted = await tx.execute<{ id: string }>(
    named(
      "deleteEvents",
      sql`delete from events.log l where l.tenant_id = app.tenant() and l.id = any(${sql.param([...ids])}::uuid[]) returning l.id`,
    ),
  );
  await tx.execute(
    named(
      "deletePositions",
      sql`delete from events.positions p where p.tenant_id = app.tenant() and p.event_id = any(${sql.param(deleted.map(({ id }) => id))}::uuid[])`,
    ),
  );
  return deleted.length;
}

/** Records what was examined. After the last one of those that were kept, the next round begins with the first. */
export async function recordProgress(tx: Tx, part: Part, { upTo, until, isAtEnd }: Examined): Promise<void> {
  if (part === "NEW" && upTo === null) return;
  const examined = isAtEnd ? 0 : (upTo ?? 0);
  await tx.execute(
    part === "NEW"
      ? named(
          "recordDeletedEvents",
          sql`insert into events.retention as r (tenant_id, deleted_position, deleted_until) values (app.tenant(), ${upTo}::bigint, ${until}::timestamptz)
          on conflict (tenant_id) do update set deleted_position = excluded.deleted_position, deleted_until = greatest(r.deleted_until, excluded.deleted_until)`,
        )
      : named(
          "recordExaminedEvents",
          sql`update events.retention set examined_position = ${examined}::bigint where tenant_id = app.tenant() and examined_position <> ${examined}::bigint`,
        ),
  );
}
