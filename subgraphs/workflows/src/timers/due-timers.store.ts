import { type DueTenants, named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/**
 * Returns the active tenants with due timers, longest waiting first, and when the next timer is due. Sandbox tenants have their own time, so each of
 * them is looked up. Runs as weft_worker, across all tenants.
 */
export async function findTenantsWithDueTimers(tx: Tx, limit: number): Promise<DueTenants> {
  const [row] = await tx.execute<{ tenants: string[] | null; next: string | null }>(
    named(
      "findTenantsWithDueTimers",
      sql`with sandboxes as materialized (
        select tenant_id, clock_offset_ms * interval '1 millisecond' as ahead from identity.tenants where status = 'ACTIVE' and clock_offset_ms <> 0
      ), due as (
        select t.tenant_id, d.since
          from (select tenant_id, min(due_at) as since from workflows.timers where status = 'ARMED' and not is_held and due_at <= now() group by tenant_id) d
          join identity.tenants t on t.tenant_id = d.tenant_id and t.status = 'ACTIVE' and t.clock_offset_ms = 0
        union all
        select s.tenant_id, d.since - s.ahead from sandboxes s cross join lateral (
          select min(due_at) as since from workflows.timers t where t.tenant_id = s.tenant_id and t.status = 'ARMED' and not t.is_held) d
         where d.since <= now() + s.ahead
      ), later as (
        (select due_at from workflows.timers where status = 'ARMED' and not is_held and due_at > now() order by due_at limit 1)
        union all
        select d.due_at - s.ahead from sandboxes s cross join lateral (
          select min(due_at) as due_at from workflows.timers t
           where t.tenant_id = s.tenant_id and t.status = 'ARMED' and not t.is_held and t.due_at > now() + s.ahead) d
      )
      select (select array_agg(d.tenant_id order by d.since) from (select tenant_id, since from due order by since limit ${limit}::int) d) as tenants,
             (select min(due_at) from later) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}
