/** What a worker reads of maintenance plans. */
import { maintenance } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";
import type { PlanRow } from "../plan.store.js";

const { maintenancePlans } = maintenance;

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
