import { type DueTenants, named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

const waits = sql`due_at is not null and overdue_at is null and not is_due_held and status in ('OPEN', 'CLAIMED')`;

/**
 * Returns the active tenants with deadlines that have passed, longest waiting first, and the next deadline. Reads one row of the index per tenant with
 * deadlines. Runs as weft_worker, across all tenants.
 */
export async function findTenantsWithOverdueTasks(tx: Tx, limit: number): Promise<DueTenants> {
  const [row] = await tx.execute<{ tenants: string[] | null; next: string | null }>(
    named(
      "findTenantsWithOverdueTasks",
      sql`with recursive first as (
        (select tenant_id, due_at from workflows.tasks where ${waits} order by tenant_id, due_at limit 1)
        union all
        select n.tenant_id, n.due_at from first cross join lateral (
          select tenant_id, due_at from workflows.tasks where ${waits} and tenant_id > first.tenant_id order by tenant_id, due_at limit 1) n
      ), due as (
        select f.tenant_id, f.due_at - t.clock_offset_ms * interval '1 millisecond' as since
          from first f join identity.tenants t on t.tenant_id = f.tenant_id and t.status = 'ACTIVE'
      )
      select (select array_agg(d.tenant_id order by d.since) from (select tenant_id, since from due where since <= now() order by since limit ${limit}::int) d) as tenants,
             (select min(since) from due where since > now()) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}
