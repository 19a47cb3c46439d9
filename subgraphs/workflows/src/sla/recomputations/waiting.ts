/** Work that waits for the transactions that were running when a worker first saw it: they can still write with the terms of before. */
import { type DueTenants, named, type Tx } from "@weft/platform/db";
import { sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** The next number of a transaction: those that are running have lower ones. */
export const runningNow = sql`pg_snapshot_xmax(pg_current_snapshot())::text::bigint`;

/** Whether all transactions below the number in the column have ended. False while it is null. */
export const hasWaited = (waitsFor: PgColumn): SQL<boolean> =>
  sql<boolean>`coalesce(pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= ${waitsFor}, false)`;

/** Returns the active tenants with rows that are not complete, longest waiting first. Runs as weft_worker, across all tenants. */
export async function findTenantsWithOpen(
  tx: Tx,
  {
    name,
    table,
    limit,
  }: { readonly name: string; readonly table: "app.calendar_changes" | "workflows.sla_recomputations"; readonly limit: number },
): Promise<DueTenants> {
  const rows = await tx.execute<{ tenantId: string }>(
    named(
      name,
      sql`select o.tenant_id as "tenantId" from ${sql.raw(table)} o
        join identity.tenants t on t.tenant_id = o.tenant_id and t.status = 'ACTIVE'
       where o.completed_at is null group by o.tenant_id order by min(o.created_at) limit ${limit}::int`,
    ),
  );
  return { tenants: rows.map(({ tenantId }) => tenantId), next: null };
}
