import { sql, type SQL } from "drizzle-orm";
import { named } from "../../db/named.js";
import { newId } from "@weft/shared/ids";
import type { Tx } from "../../db/database.js";
import type { EventConsumer } from "./consumer.js";

export interface Cursor {
  /** Position up to which the consumer has handled the tenant's events. Initially 0, or that of the last event that was deleted. */
  readonly position: number;
  /** Attempts to handle the events after the position that are not known to have succeeded. */
  readonly attempts: number;
  /** Position up to which events are handled one at a time. */
  readonly carefulTo: number;
  /** Number of events parked since the last one was handled. */
  readonly parkedInRow: number;
  /** Position of the first parked event to retry. Null if there is none. */
  readonly retry: number | null;
  /**
   * Last position that the relay had assigned in the tenant before the lock was awaited, or 0 if the tenant is not active: nothing is done for a suspended
   * one.
   */
  readonly head: number;
}

type CursorRow = {
  position: string;
  attempts: number;
  careful_to: string;
  parked_in_row: number;
  retry: string | null;
  head: string | null;
};

/**
 * Returns the cursor and locks it: other runners of the consumer in this tenant wait until the transaction ends. A new consumer begins after the events
 * that were deleted because of their age.
 */
export const lockCursor = async (tx: Tx, tenantId: string, consumer: string): Promise<Cursor> =>
  (await lockExisting(tx, "lockCursor", tenantId, consumer)) ?? insertCursor(tx, tenantId, consumer);

/** Returns the cursor of a consumer that runs only in some tenants, and locks it. Null if the consumer does not run in this tenant. */
export const lockOptionalCursor = (tx: Tx, tenantId: string, consumer: string): Promise<Cursor | null> =>
  lockExisting(tx, "lockOptionalCursor", tenantId, consumer);

/** Only locks. If it wrote the row, the transaction's next write of the row would check its foreign key again and lock the tenant. */
async function lockExisting(tx: Tx, name: string, tenantId: string, consumer: string): Promise<Cursor | null> {
  const rows = await tx.execute<CursorRow>(
    named(
      name,
      sql`select ${cursorColumns(tenantId, consumer)} from events.consumer_cursors
      where tenant_id = ${tenantId}::uuid and consumer = ${consumer} for update`,
    ),
  );
  return rows[0] ? toCursor(rows[0]) : null;
}

async function insertCursor(tx: Tx, tenantId: string, consumer: string): Promise<Cursor> {
  const rows = await tx.execute<CursorRow>(
    named(
      "insertCursor",
      sql`insert into events.consumer_cursors as c (tenant_id, consumer, position)
      values (${tenantId}::uuid, ${consumer}, coalesce((select r.deleted_position from events.retention r where r.tenant_id = ${tenantId}::uuid), 0))
      on conflict (tenant_id, consumer) do update set position = c.position returning ${cursorColumns(tenantId, consumer)}`,
    ),
  );
  return toCursor(rows[0]);
}

const cursorColumns = (tenantId: string, consumer: string): SQL =>
  sql`position::text as position, attempts, careful_to::text as careful_to, parked_in_row,
    (select min(p.position)::text from events.parked p
      where p.tenant_id = ${tenantId}::uuid and p.consumer = ${consumer} and p.status = 'RETRY') as retry,
    (${activeHead(tenantId)}) as head`;

const activeHead = (tenantId: string): SQL => sql`select h.position::text as position from events.position_heads h
  where h.tenant_id = ${tenantId}::uuid and exists (select from identity.tenants t where t.tenant_id = ${tenantId}::uuid and t.status = 'ACTIVE')`;

function toCursor(row: CursorRow | undefined): Cursor {
  const {
    position = "0",
    attempts = 0,
    careful_to: carefulTo = "0",
    parked_in_row: parkedInRow = 0,
    retry = null,
    head = null,
  } = row ?? {};
  return {
    position: Number(position),
    attempts,
    carefulTo: Number(carefulTo),
    parkedInRow,
    retry: retry === null ? null : Number(retry),
    head: Number(head ?? 0),
  };
}

type AtPosition = { readonly tenantId: string; readonly consumer: string; readonly position: number };

interface Move extends AtPosition {
  readonly parkedInRow: number;
  readonly carefulTo: number;
}

/**
 * Moves the cursor and resets the attempts, because the events before it have been handled or parked.
 * @returns the last position that the relay has assigned in the tenant
 */
export async function moveCursor(tx: Tx, { tenantId, consumer, position, parkedInRow, carefulTo }: Move): Promise<number> {
  const rows = await tx.execute<{ head: string | null }>(
    named(
      "moveCursor",
      sql`update events.consumer_cursors set position = ${position}::bigint, attempts = 0, parked_in_row = ${parkedInRow}::integer, careful_to = ${carefulTo}::bigint
       where tenant_id = ${tenantId}::uuid and consumer = ${consumer}
       returning (select h.position::text from events.position_heads h where h.tenant_id = ${tenantId}::uuid) as head`,
    ),
  );
  return Number(rows[0]?.head ?? 0);
}

/**
 * Moves the cursors that are at `from` to `to`, and returns their consumers. For consumers that want none of the events in between, in the transaction
 * that numbers these. A cursor with attempts or with a parked event to retry is left to its consumer. So is a locked one: its consumer runs, and the
 * relay never waits for a consumer.
 */
export async function passOver(
  tx: Tx,
  { tenantId, consumers, from, to }: { tenantId: string; consumers: readonly string[]; from: number; to: number },
): Promise<string[]> {
  const rows = await tx.execute<{ consumer: string }>(
    named(
      "passOver",
      sql`with caught_up as materialized (
        select c.consumer from events.consumer_cursors c
        where c.tenant_id = ${tenantId}::uuid and c.consumer = any(${sql.param([...consumers])}::text[])
          and c.position = ${from}::bigint and c.attempts = 0
          and not exists (select from events.parked p where p.tenant_id = c.tenant_id and p.consumer = c.consumer and p.status = 'RETRY')
        for update skip locked
      )
      update events.consumer_cursors c set position = ${to}::bigint from caught_up u
      where c.tenant_id = ${tenantId}::uuid and c.consumer = u.consumer returning c.consumer`,
    ),
  );
  return rows.map((row) => row.consumer);
}

/** Counts an attempt to handle the events after the cursor, before it starts. If it fails, the events up to `carefulTo` are handled one at a time. */
export async function countAttempt(
  tx: Tx,
  { tenantId, consumer, carefulTo }: { tenantId: string; consumer: string; carefulTo: number },
): Promise<void> {
  await tx.execute(
    named(
      "countAttempt",
      sql`update events.consumer_cursors set attempts = attempts + 1, careful_to = ${carefulTo}::bigint
       where tenant_id = ${tenantId}::uuid and consumer = ${consumer}`,
    ),
  );
}

/**
 * Counts an attempt to handle a parked event, before it starts.
 * @returns the number of earlier attempts
 */
export async function countRetry(tx: Tx, { tenantId, consumer, position }: AtPosition): Promise<number> {
  const rows = await tx.execute<{ attempts: number }>(
    named(
      "countRetry",
      sql`update events.parked set attempts = attempts + 1
       where tenant_id = ${tenantId}::uuid and consumer = ${consumer} and position = ${position}::bigint and status = 'RETRY' returning attempts`,
    ),
  );
  return (rows[0]?.attempts ?? 1) - 1;
}

/** Uncounts an attempt that failed for external reasons. */
export async function forgiveAttempt(
  tx: Tx,
  { tenantId, consumer, retry }: { tenantId: string; consumer: string; retry: number | null },
): Promise<void> {
  await tx.execute(
    named(
      "forgiveAttempt",
      retry === null
        ? sql`update events.consumer_cursors set attempts = greatest(attempts - 1, 0) where tenant_id = ${tenantId}::uuid and consumer = ${consumer}`
        : sql`update events.parked set attempts = greatest(attempts - 1, 0)
           where tenant_id = ${tenantId}::uuid and consumer = ${consumer} and position = ${retry}::bigint and status = 'RETRY'`,
    ),
  );
}

export async function insertParked(
  tx: Tx,
  parked: AtPosition & { readonly eventId: string; readonly instanceId: string | null; readonly attempts: number },
): Promise<void> {
  const { tenantId, consumer, position, eventId, instanceId, attempts } = parked;
  await tx.execute(
    named(
      "insertParked",
      sql`insert into events.parked (tenant_id, id, consumer, event_id, position, instance_id, attempts)
      values (${tenantId}::uuid, ${newId()}::uuid, ${consumer}, ${eventId}::uuid, ${position}::bigint, ${instanceId}::uuid, ${attempts}::integer)
      on conflict (tenant_id, consumer, event_id) do update set status = 'PARKED', parked_at = now()`,
    ),
  );
}

export const parkedAgain = (tx: Tx, at: AtPosition): Promise<void> => setParked(tx, "parkedAgain", at, "PARKED");
export const finishParked = (tx: Tx, at: AtPosition): Promise<void> => setParked(tx, "finishParked", at, "DONE");

async function setParked(tx: Tx, name: string, { tenantId, consumer, position }: AtPosition, status: string): Promise<void> {
  await tx.execute(
    named(
      name,
      sql`update events.parked set status = ${status}
       where tenant_id = ${tenantId}::uuid and consumer = ${consumer} and position = ${position}::bigint and status = 'RETRY'`,
    ),
  );
}

/**
 * Returns the last position that the relay assigned in the tenant, or 0 if the tenant is not active: nothing is done for a suspended one. Runs in a
 * transaction of the tenant.
 */
export async function headOfActiveTenant(tx: Tx, tenantId: string): Promise<number> {
  const rows = await tx.execute<{ position: string }>(named("headOfActiveTenant", activeHead(tenantId)));
  return Number(rows[0]?.position ?? 0);
}

/** Whether the consumer, whose cursor is `c` if it has one, has not handled everything up to the head `h` of the tenant, or must retry an event. */
const isBehind = (consumer: SQL): SQL => sql`(coalesce(c.position, 0) < h.position
  or exists (select from events.parked p where p.tenant_id = h.tenant_id and p.consumer = ${consumer} and p.status = 'RETRY'))`;

/** Finds the active tenants in which the consumer has not yet handled every event, or must retry one. Reads across tenants, as the worker. */
export async function findTenantsBehind(tx: Tx, { name: consumer, optInTypes }: EventConsumer): Promise<string[]> {
  const join = optInTypes ? sql`join` : sql`left join`;
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsBehind",
      sql`select h.tenant_id from events.position_heads h
      join identity.tenants t on t.tenant_id = h.tenant_id and t.status = 'ACTIVE'
      ${join} events.consumer_cursors c on c.tenant_id = h.tenant_id and c.consumer = ${consumer}
      where ${isBehind(sql`${consumer}`)}`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** Whether any of the consumers has not yet handled every event of an active tenant, or must retry one. Reads across tenants, as the worker. */
export async function isAnyConsumerBehind(tx: Tx, consumers: readonly EventConsumer[]): Promise<boolean> {
  const names = consumers.map(({ name }) => name);
  const optional = consumers.flatMap(({ name, optInTypes }) => (optInTypes ? [name] : []));
  const [row] = await tx.execute<{ is_behind: boolean }>(
    named(
      "isAnyConsumerBehind",
      sql`select exists (select from events.position_heads h
      join identity.tenants t on t.tenant_id = h.tenant_id and t.status = 'ACTIVE'
      cross join unnest(${sql.param(names)}::text[]) n (consumer)
      left join events.consumer_cursors c on c.tenant_id = h.tenant_id and c.consumer = n.consumer
      where (c.consumer is not null or n.consumer <> all(${sql.param(optional)}::text[]))
        and ${isBehind(sql`n.consumer`)}) as is_behind`,
    ),
  );
  return row?.is_behind === true;
}
