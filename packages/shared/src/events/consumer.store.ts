import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/** How far the consumer has come in this tenant (0 at first). Keeps others who run it in this tenant waiting until the transaction ends. */
export async function lockCursor(tx: Tx, tenantId: string, consumer: string): Promise<number> {
  const rows = await tx.execute<{ position: string }>(
    named(
      "lockCursor",
      sql`insert into events.consumer_cursors as c (tenant_id, consumer, position) values (${tenantId}::uuid, ${consumer}, 0)
      on conflict (tenant_id, consumer) do update set position = c.position returning position::text as position`,
    ),
  );
  return Number(rows[0]?.position ?? 0);
}

export async function moveCursor(
  tx: Tx,
  { tenantId, consumer, position }: { tenantId: string; consumer: string; position: number },
): Promise<void> {
  await tx.execute(
    named(
      "moveCursor",
      sql`update events.consumer_cursors set position = ${position}::bigint where tenant_id = ${tenantId}::uuid and consumer = ${consumer}`,
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

/** The active tenants in which the consumer has not yet seen every event. Read across tenants, as the worker. */
export async function findTenantsBehind(tx: Tx, consumer: string): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsBehind",
      sql`select h.tenant_id from events.position_heads h
      join identity.tenants t on t.tenant_id = h.tenant_id and t.status = 'ACTIVE'
      left join events.consumer_cursors c on c.tenant_id = h.tenant_id and c.consumer = ${consumer}
      where coalesce(c.position, 0) < h.position`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}
