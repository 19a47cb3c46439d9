/** What a worker reads and writes while it advances the clock of a sandbox. */
import { eventTypes } from "@weft/shared/event-catalog";
import { type DueTenants, type Executes, named, type Tx } from "@weft/platform/db";
import type { EventConsumer } from "@weft/platform/events";
import { sql } from "drizzle-orm";

/** How long other processes leave an advance alone. If its process ends, another one continues after this time. */
const LEASE_SECONDS = 5;
/** An advance that could do nothing for this long has failed. */
const STALLED_SECONDS = 180;

const columns = sql`id, steps, reached_at::text as reached, target_at::text as target, reached_at >= target_at as "isThere"`;

export type Advance = {
  readonly id: string;
  readonly steps: number;
  /** The time at which the clock stands, and the one that it must reach. */
  readonly reached: string;
  readonly target: string;
  readonly isThere: boolean;
};

/** Returns all active tenants whose clock is being advanced. Runs as weft_worker, across all tenants. */
export async function findTenantsWithAdvances(tx: Executes): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named("findTenantsWithAdvances", sql`select a.tenant_id from identity.clock_advances a where a.status = 'RUNNING'`),
  );
  return rows.map((row) => row.tenant_id);
}

/** Returns those that no other process is advancing, oldest first. Runs as weft_worker, across all tenants. */
export async function findAdvances(tx: Tx, workerId: string, limit: number): Promise<DueTenants> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findClockAdvances",
      sql`select a.tenant_id from identity.clock_advances a join identity.tenants t on t.tenant_id = a.tenant_id and t.status = 'ACTIVE'
        where a.status = 'RUNNING' and (a.worker_id is null or a.worker_id = ${workerId}::uuid or a.leased_until < clock_timestamp())
        order by a.created_at limit ${limit}::int`,
    ),
  );
  return { tenants: rows.map((row) => row.tenant_id), next: null };
}

/** Takes the running advance of the tenant for a few seconds. Null if there is none, or another process has it. */
export async function takeAdvance(tx: Tx, workerId: string): Promise<(Advance & { readonly isStalled: boolean }) | null> {
  const [row] = await tx.execute<Advance & { isStalled: boolean }>(
    named(
      "takeClockAdvance",
      sql`update identity.clock_advances a set worker_id = ${workerId}::uuid, leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}),
            -- A process that takes over, and one that continues after a suspension of the tenant, starts to count anew.
            progress_at = case when a.worker_id = ${workerId}::uuid and a.leased_until > clock_timestamp() - interval '1 minute'
              then a.progress_at else clock_timestamp() end
          where a.tenant_id = app.tenant() and a.status = 'RUNNING'
            and (a.worker_id is null or a.worker_id = ${workerId}::uuid or a.leased_until < clock_timestamp())
          returning ${columns}, a.progress_at < clock_timestamp() - make_interval(secs => ${STALLED_SECONDS}) as "isStalled"`,
    ),
  );
  return row ?? null;
}

/** Stops the clock if it is to be advanced and does not stand already. */
export async function stopClock(tx: Tx): Promise<void> {
  await tx.execute(
    named(
      "stopClock",
      sql`with stopped as (
          update identity.tenants t set clock_stands_at = clock_timestamp() + t.clock_offset_ms * interval '1 millisecond'
           where t.tenant_id = app.tenant() and t.clock_stands_at is null
             and exists (select from identity.clock_advances a where a.tenant_id = t.tenant_id and a.status = 'RUNNING')
          returning t.clock_stands_at)
        update identity.clock_advances a set reached_at = s.clock_stands_at from stopped s where a.tenant_id = app.tenant() and a.status = 'RUNNING'`,
    ),
  );
}

/** Notes that something was done, and keeps the advance. */
export async function noteProgress(tx: Tx, workerId: string): Promise<void> {
  await tx.execute(
    named(
      "noteClockProgress",
      sql`update identity.clock_advances a set progress_at = clock_timestamp(), leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
          where a.tenant_id = app.tenant() and a.status = 'RUNNING' and a.worker_id = ${workerId}::uuid`,
    ),
  );
}

/** Returns whether events of the tenant wait for the relay, or for a consumer. */
export async function hasWaitingEvents(tx: Tx, consumers: readonly EventConsumer[]): Promise<boolean> {
  const names = (isOptional: boolean): string =>
    JSON.stringify(consumers.filter(({ optInTypes }) => (optInTypes !== undefined) === isOptional).map(({ name }) => name));
  const [row] = await tx.execute<{ waits: boolean }>(
    named(
      "hasWaitingEvents",
      sql`select exists (select from events.outbox o where o.tenant_id = app.tenant())
          or exists (
            select from events.position_heads h cross join jsonb_array_elements_text(${names(false)}::text::jsonb) n (consumer)
            left join events.consumer_cursors c on c.tenant_id = h.tenant_id and c.consumer = n.consumer
            where h.tenant_id = app.tenant() and coalesce(c.position, 0) < h.position)
          or exists (
            select from events.position_heads h join events.consumer_cursors c on c.tenant_id = h.tenant_id and c.position < h.position
            where h.tenant_id = app.tenant() and c.consumer in (select jsonb_array_elements_text(${names(true)}::text::jsonb)))
          or exists (select from events.parked p where p.tenant_id = app.tenant() and p.status = 'RETRY') as waits`,
    ),
  );
  return row?.waits ?? false;
}

export type NextWork = {
  /** Index of the first source with due work. Null if nothing is due. */
  readonly due: number | null;
  /** The time of the earliest work. */
  readonly next: string | null;
};

/** Compares the times of the sources (in the tenant's time) with the clock, which JavaScript could not do to the microsecond. */
export async function pickNext(tx: Tx, nexts: readonly (string | null)[]): Promise<NextWork> {
  const known = nexts.flatMap((at, index) => (at === null ? [] : [{ index, at }]));
  const [row] = await tx.execute<NextWork>(
    named(
      "pickNextWork",
      sql`select min(n.index) filter (where n.at <= app.weft_now()) as due, min(n.at)::text as next
          from jsonb_to_recordset(${JSON.stringify(known)}::text::jsonb) as n (index integer, at timestamptz)`,
    ),
  );
  return row ?? { due: null, next: null };
}

/** Locks the advance. Null if it has ended, another process has taken it, or the clock stands at another time than given. */
export async function lockAdvance(tx: Tx, workerId: string, { id, reached }: Advance): Promise<Advance | null> {
  const [row] = await tx.execute<Advance>(
    named(
      "lockClockAdvance",
      sql`select ${columns} from identity.clock_advances where tenant_id = app.tenant() and id = ${id}::uuid and status = 'RUNNING'
            and worker_id = ${workerId}::uuid and reached_at = ${reached}::timestamptz for update`,
    ),
  );
  return row ?? null;
}

/** Types of events that nobody outside the platform learns of. */
const internalTypes = Object.values(eventTypes).flatMap(({ type, visibility }) => (visibility === "internal" ? [type] : []));

/** Counts the events since the last count, without internal ones. They belong to the time at which the clock stands. */
export async function countEffects(tx: Tx, id: string): Promise<void> {
  await tx.execute(
    named(
      "countClockEffects",
      sql`with head as (
          select coalesce((select h.position from events.position_heads h where h.tenant_id = app.tenant()), 0) as position
        ), counted as (
          select l.type, count(*)::int as count
            from identity.clock_advances a cross join head
            join events.positions p on p.tenant_id = a.tenant_id and p.position > a.counted_position and p.position <= head.position
            join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id and l.occurred_at >= a.from_at
                  and l.type <> all(${sql.param(internalTypes)}::text[])
           where a.tenant_id = app.tenant() and a.id = ${id}::uuid group by l.type
        )
        update identity.clock_advances a set counted_position = greatest(a.counted_position, head.position), effects = (
            select coalesce(jsonb_object_agg(s.type, s.count), '{}') from (
              select e.type, sum(e.count) as count from (
                select key as type, value::int as count from jsonb_each_text(a.effects) union all select type, count from counted) e
               group by e.type) s)
          from head where a.tenant_id = app.tenant() and a.id = ${id}::uuid`,
    ),
  );
}

/** Moves the standing clock to the next time, at most to the target. Returns the advance at that time. */
export async function moveClock(tx: Tx, { id, target }: Advance, next: string | null): Promise<Advance> {
  const [row] = await tx.execute<Advance>(
    named(
      "moveClock",
      sql`with moved as (
          update identity.tenants t set clock_stands_at = greatest(t.clock_stands_at, least(${next}::timestamptz, ${target}::timestamptz))
           where t.tenant_id = app.tenant() and t.clock_stands_at is not null returning t.clock_stands_at)
        update identity.clock_advances a set reached_at = m.clock_stands_at, steps = a.steps + 1, progress_at = clock_timestamp(),
               leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
          from moved m where a.tenant_id = app.tenant() and a.id = ${id}::uuid returning ${columns}`,
    ),
  );
  if (!row) throw new Error("the clock of an advance does not stand");
  return row;
}

/** Ends the advance where it is. The clock runs on from there. */
export async function endAdvance(
  tx: Tx,
  id: string,
  end: { readonly status: "COMPLETED" | "FAILED"; readonly message: string | null },
): Promise<void> {
  await tx.execute(
    named(
      "endClockAdvance",
      sql`with running as (
          update identity.tenants t set clock_stands_at = null,
                 -- Rounded up: the clock does not go back.
                 clock_offset_ms = ceil(extract(epoch from t.clock_stands_at - transaction_timestamp()) * 1000)::bigint
           where t.tenant_id = app.tenant() and t.clock_stands_at is not null)
        update identity.clock_advances a set status = ${end.status}, message = ${end.message}, finished_at = clock_timestamp(), leased_until = null
         where a.tenant_id = app.tenant() and a.id = ${id}::uuid`,
    ),
  );
}
