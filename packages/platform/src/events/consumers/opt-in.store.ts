/** Cursors of consumers that run only in tenants that need them. */
import { sql, type SQL } from "drizzle-orm";
import type { Tx } from "../../db/database.js";
import { named } from "../../db/named.js";
import type { EventConsumer } from "./consumer.js";

/**
 * Lets a consumer run in the tenant of the transaction, from the events that are numbered after now. Write an event of its `optInTypes` in the same
 * transaction: it wakes the consumer.
 */
export async function startConsuming(tx: Tx, consumer: string): Promise<void> {
  // The update locks the row, so a concurrent `stopConsuming` waits and sees what this transaction wrote.
  await tx.execute(
    named(
      "startConsuming",
      sql`insert into events.consumer_cursors as c (tenant_id, consumer, position)
      select app.tenant(), ${consumer}, coalesce((select h.position from events.position_heads h where h.tenant_id = app.tenant()), 0)
      on conflict (tenant_id, consumer) do update set position = c.position`,
    ),
  );
}

/** Ends the consumer in the tenant of the transaction, unless `isNeeded`, which is evaluated after concurrent transactions have committed. */
export async function stopConsuming(tx: Tx, consumer: string, isNeeded: SQL): Promise<void> {
  const locked = named(
    "lockForStop",
    sql`select 1 from events.consumer_cursors where tenant_id = app.tenant() and consumer = ${consumer} for update`,
  );
  await tx.execute(locked);
  // A statement of its own: it sees what was committed while the previous one waited.
  await tx.execute(
    named(
      "stopConsuming",
      sql`delete from events.consumer_cursors where tenant_id = app.tenant() and consumer = ${consumer} and not ${isNeeded}`,
    ),
  );
}

/** Finds the tenants in which an optional consumer runs. Reads across tenants, as the worker. */
export async function findConsumingTenants(tx: Tx, { name }: EventConsumer): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named("findConsumingTenants", sql`select tenant_id from events.consumer_cursors where consumer = ${name}`),
  );
  return rows.map((row) => row.tenant_id);
}
