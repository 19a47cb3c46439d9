import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { DueTable } from "./due-table.js";

/**
 * Returns tenants with due rows, longest waiting first, and when the next row becomes due. The tenants of sandboxes have clocks of their own and are few:
 * each is looked up. Runs as weft_worker, across all tenants.
 */
export async function findDueTenants(tx: Tx, table: DueTable, limit: number): Promise<{ tenants: string[]; next: string | null }> {
  const [row] = await tx.execute<{ tenants: string[] | null; next: string | null }>(
    named(
      "findTenantsWithDueDays",
      sql`with shifted as (
        select t.tenant_id, d.due_at - t.clock_offset_ms * interval '1 millisecond' as due_at
          from identity.tenants t cross join lateral (
            select d.due_at from ${table} d where d.tenant_id = t.tenant_id and d.due_at is not null order by d.due_at limit 1) d
         where t.clock_offset_ms <> 0 and t.status = 'ACTIVE'
      ), due as (
        (select d.tenant_id, d.due_at from ${table} d join identity.tenants t on t.tenant_id = d.tenant_id
          where d.due_at <= transaction_timestamp() and t.clock_offset_ms = 0 and t.status = 'ACTIVE' order by d.due_at limit 5000)
        union all select tenant_id, due_at from shifted where due_at <= transaction_timestamp()
      ), longest as (
        select tenant_id, min(due_at) as due_at from due group by tenant_id order by 2 limit ${limit}
      )
      select (select array_agg(tenant_id order by due_at) from longest) as tenants, least(
        (select min(due_at) from ${table} where due_at > transaction_timestamp()),
        (select min(due_at) from shifted where due_at > transaction_timestamp())) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}

/** Returns when the tenant's first row is due, in the tenant's time. */
export async function nextDue(tx: Tx, table: DueTable): Promise<string | null> {
  const [row] = await tx.execute<{ next: string | null }>(
    named("nextDueDay", sql`select min(due_at) as next from ${table} where tenant_id = app.tenant()`),
  );
  return row?.next ?? null;
}
