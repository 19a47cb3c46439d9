import { maintenance } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";

const { maintenancePlans } = maintenance;

export type PlanRow = typeof maintenancePlans.$inferSelect;
export type NewPlan = typeof maintenancePlans.$inferInsert;

/** Returns those of the given plans that the viewer can see, in any order. */
export const findPlans = (
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "maintenancePlan.read",
): Promise<PlanRow[]> =>
  named(
    "findMaintenancePlans",
    tx
      .select()
      .from(maintenancePlans)
      .where(and(among(maintenancePlans.id, ids), visibleObjects("maintenancePlan", viewer, permission))),
  );

/** Returns the plan and locks it, so that no worker takes an occurrence of it until commit. Null if the viewer cannot see it. */
export async function lockPlan(tx: Tx, viewer: Viewer, id: string): Promise<PlanRow | null> {
  const query = tx
    .select()
    .from(maintenancePlans)
    .where(and(eq(maintenancePlans.id, id), visibleObjects("maintenancePlan", viewer, "maintenancePlan.update")))
    .for("update");
  const [row] = await named("lockMaintenancePlan", query);
  return row ?? null;
}

/** Returns the number of plans. No other transaction can add one until this one ends. */
export async function lockPlanCount(tx: Tx): Promise<number> {
  await tx.execute(
    named("lockMaintenancePlanCount", sql`select pg_advisory_xact_lock(hashtextextended('weft.maintenance_plans.' || app.tenant(), 0))`),
  );
  return countRows(tx, { name: "countMaintenancePlans", table: maintenancePlans, where: undefined });
}

export const insertPlan = (tx: Tx, values: NewPlan): Promise<PlanRow> =>
  insertedRow(named("insertMaintenancePlan", tx.insert(maintenancePlans).values(values).returning()));

/** Changes a locked plan. */
export async function updatePlan(tx: Tx, { id, version }: PlanRow, changes: Partial<NewPlan>): Promise<PlanRow> {
  const query = tx
    .update(maintenancePlans)
    .set({ ...changes, ...nextVersion(maintenancePlans), updatedAt: sql`app.weft_now()` })
    .where(atVersion(maintenancePlans, id, version))
    .returning();
  const row = await writtenRow(named("updateMaintenancePlan", query));
  if (!row) throw new Error("A locked maintenance plan has changed.");
  return row;
}

/** Changes the worker's columns of a locked plan. Does not count as a change of the plan. */
export async function keepProgress(tx: Tx, id: string, changes: Partial<NewPlan>): Promise<void> {
  await named("keepMaintenanceProgress", tx.update(maintenancePlans).set(changes).where(eq(maintenancePlans.id, id)));
}
