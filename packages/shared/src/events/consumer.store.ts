import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

export interface Cursor {
  /** How far the consumer has come in this tenant (0 at first). */
  readonly position: number;
  /** Tries at what stands behind it, that are not known to have ended well. */
  readonly attempts: number;
  /** Up to here it goes one by one. */
  readonly carefulTo: number;
  /** Events parked since one was handled. */
  readonly parkedInRow: number;
  /** Position of the first parked event that is to be tried again. */
  readonly retry: number | null;
}

/** Keeps others who run the consumer in this tenant waiting until the transaction ends. */
export async function lockCursor(tx: Tx, tenantId: string, consumer: string): Promise<Cursor> {
  const rows = await tx.execute<{ position: string; attempts: number; careful_to: string; parked_in_row: number; retry: string | null }>(
    named(
      "lockCursor",
      sql`insert into events.consumer_cursors as c (tenant_id, consumer, position) values (${tenantId}::uuid, ${consumer}, 0)
      on conflict (tenant_id, consumer) do update set position = c.position
      returning position::text as position, attempts, careful_to::text as careful_to, parked_in_row,
        (select min(p.position)::text from events.parked p
          where p.tenant_id = ${tenantId}::uuid and p.consumer = ${consumer} and p.status = 'RETRY') as retry`,
    ),
  );
  const { position = "0", attempts = 0, careful_to: carefulTo = "0", parked_in_row: parkedInRow = 0, retry = null } = rows[0] ?? {};
  return { position: Number(position), attempts, carefulTo: Number(carefulTo), parkedInRow, retry: retry === null ? null : Number(retry) };
}

/** What was tried before has ended well, or is parked. */
export async function moveCursor(
  tx: Tx,
  { tenantId, consumer, position, parkedInRow }: { tenantId: string; consumer: string; position: number; parkedInRow: number },
): Promise<void> {
  await tx.execute(
    named(
      "moveCursor",
      sql`update events.consumer_cursors set position = ${position}::bigint, attempts = 0, parked_in_row = ${parkedInRow}::integer
       where tenant_id = ${tenantId}::uuid and consumer = ${consumer}`,
    ),
  );
}

/** One more try at what stands behind the cursor begins. */
export async function countAttempt(
  tx: Tx,
  { tenantId, consumer, head }: { tenantId: string; consumer: string; head: number },
): Promise<void> {
  await tx.execute(
    named(
      "countAttempt",
      sql`update events.consumer_cursors set attempts = attempts + 1, careful_to = greatest(careful_to, ${head}::bigint)
       where tenant_id = ${tenantId}::uuid and consumer = ${consumer}`,
    ),
  );
}

type AtPosition = { readonly tenantId: string; readonly consumer: string; readonly position: number };

/** One more try at a parked event begins. @returns how many there were before */
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

/** A try that failed for reasons of its surroundings does not count. */
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
           where tenant_id = ${tenantId}::uuid and consumer = ${consumer} and position = ${retry}::bigint`,
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
      sql`insert into events.parked (tenant_id, consumer, event_id, position, instance_id, attempts)
      values (${tenantId}::uuid, ${consumer}, ${eventId}::uuid, ${position}::bigint, ${instanceId}::uuid, ${attempts}::integer)
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

/** Whether the tenant's people can work: nothing is done for one that is suspended. Read in the tenant. */
export async function isTenantActive(tx: Tx, tenantId: string): Promise<boolean> {
  const rows = await tx.execute<{ is_active: boolean }>(
    named("isTenantActive", sql`select status = 'ACTIVE' as is_active from identity.tenants where tenant_id = ${tenantId}::uuid`),
  );
  return rows[0]?.is_active ?? false;
}

/** The active tenants in which the consumer has not yet seen every event, or is to look at one again. Read across tenants, as the worker. */
export async function findTenantsBehind(tx: Tx, consumer: string): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsBehind",
      sql`select h.tenant_id from events.position_heads h
      join identity.tenants t on t.tenant_id = h.tenant_id and t.status = 'ACTIVE'
      left join events.consumer_cursors c on c.tenant_id = h.tenant_id and c.consumer = ${consumer}
      where coalesce(c.position, 0) < h.position
         or exists (select from events.parked p where p.tenant_id = h.tenant_id and p.consumer = ${consumer} and p.status = 'RETRY')`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}
