/** What a worker reads of maintenance plans. */
import { maintenance } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { and, eq, sql } from "drizzle-orm";
import type { PlanRow } from "../plan.store.js";

const { maintenancePlans } = maintenance;

/**
 * Returns tenants with due plans, longest waiting first, and when the next plan becomes due. The tenants of sandboxes have clocks of their own and are
 * few: each is looked up. Runs as weft_worker, across all tenants.
 */
export async function findDueTenants(tx: Tx, limit: number): Promise<{ tenants: string[]; next: string | null }> {
  const [row] = await tx.execute<{ tenants: string[] | null; next: string | null }>(
    named(
      "findTenantsWithDuePlans",
      sql`with shifted as (
        select t.tenant_id, p.due_at - t.clock_offset_ms * interval '1 millisecond' as due_at
          from identity.tenants t cross join lateral (
            select p.due_at from requests.maintenance_plans p where p.tenant_id = t.tenant_id and p.due_at is not null order by p.due_at limit 1) p
         where t.clock_offset_ms <> 0 and t.status = 'ACTIVE'
      ), due as (
        (select p.tenant_id, p.due_at from requests.maintenance_plans p join identity.tenants t on t.tenant_id = p.tenant_id
          where p.due_at <= transaction_timestamp() and t.clock_offset_ms = 0 and t.status = 'ACTIVE' order by p.due_at limit 5000)
        union all select tenant_id, due_at from shifted where due_at <= transaction_timestamp()
      ), longest as (
        select tenant_id, min(due_at) as due_at from due group by tenant_id order by 2 limit ${limit}
      )
      select (select array_agg(tenant_id order by due_at) from longest) as tenants, least(
        (select min(due_at) from requests.maintenance_plans where due_at > transaction_timestamp()),
        (select min(due_at) from shifted where due_at > transaction_timestamp())) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}

/** Returns when the tenant's first plan is due, in the tenant's time. */
export async function nextDue(tx: Tx): Promise<string | null> {
  const [row] = await tx.execute<{ next: string | null }>(
    named("nextDuePlan", sql`select min(due_at) as next from requests.maintenance_plans where tenant_id = app.tenant()`),
  );
  return row?.next ?? null;
}

export type DuePlan = Pick<PlanRow, "id" | "ownerId">;

/** Returns the plan that has been due longest, except the given ones. Another process may take it first. */
export async function findDuePlan(tx: Tx, except: readonly string[]): Promise<DuePlan | null> {
  const [row] = await tx.execute<DuePlan>(
    named(
      "findDuePlan",
      sql`select p.id, p.owner_id as "ownerId" from requests.maintenance_plans p
       where p.tenant_id = app.tenant() and p.due_at <= app.weft_now() and p.id <> all(${sql.param([...except])}::uuid[])
       order by p.due_at, p.id limit 1`,
    ),
  );
  return row ?? null;
}

/** Locks a plan until commit, if it is due and no other transaction has locked it. With the tenant's time. */
export async function lockDuePlan(tx: Tx, id: string): Promise<{ row: PlanRow; now: number } | null> {
  const query = tx
    .select({ row: maintenancePlans, now: sql<string>`app.weft_now()` })
    .from(maintenancePlans)
    .where(and(eq(maintenancePlans.id, id), sql`${maintenancePlans.dueAt} <= app.weft_now()`))
    .for("update", { skipLocked: true });
  const [found] = await named("lockDuePlan", query);
  return found ? { row: found.row, now: Date.parse(found.now) } : null;
}
