import { maintenance } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rankWithin } from "@weft/api/pages";
import { and, count, eq, getTableColumns, inArray, isNull, lte, sql } from "drizzle-orm";

const { maintenanceOccurrences, maintenancePlans } = maintenance;

export type OccurrenceRow = typeof maintenanceOccurrences.$inferSelect;
export type NewOccurrence = typeof maintenanceOccurrences.$inferInsert;

const isOfPlan = and(
  eq(maintenancePlans.tenantId, maintenanceOccurrences.tenantId),
  eq(maintenancePlans.id, maintenanceOccurrences.planId),
);

const ofCalendar = (planId: string) => and(eq(maintenanceOccurrences.planId, planId), isNull(maintenanceOccurrences.total));

/** Returns what is recorded of a planned time. Null if nothing is. */
export async function findOccurrenceAt(tx: Tx, planId: string, plannedAt: string): Promise<OccurrenceRow | null> {
  const query = tx
    .select()
    .from(maintenanceOccurrences)
    .where(and(ofCalendar(planId), eq(maintenanceOccurrences.plannedAt, plannedAt)));
  const [row] = await named("findMaintenanceOccurrenceAt", query);
  return row ?? null;
}

/** Returns the next planned times of each plan that are skipped or shifted. */
export const findDecided = (tx: Tx, planIds: readonly string[]): Promise<OccurrenceRow[]> =>
  named(
    "findDecidedOccurrences",
    tx
      .select(getTableColumns(maintenanceOccurrences))
      .from(maintenanceOccurrences)
      .innerJoin(maintenancePlans, isOfPlan)
      .where(
        and(
          inArray(maintenanceOccurrences.planId, [...planIds]),
          isNull(maintenanceOccurrences.total),
          inArray(maintenanceOccurrences.status, ["SKIPPED", "SHIFTED"]),
          sql`${maintenanceOccurrences.plannedAt} >= least(${maintenancePlans.nextPlannedAt}, app.weft_now())`,
        ),
      ),
  );

/** Returns the first occurrence of a plan that a user has shifted to a time that has not come. Null if there is none. */
export async function findPendingShift(tx: Tx, planId: string): Promise<OccurrenceRow | null> {
  const query = tx
    .select()
    .from(maintenanceOccurrences)
    .where(and(ofCalendar(planId), eq(maintenanceOccurrences.status, "SHIFTED"), sql`${maintenanceOccurrences.startsAt} > app.weft_now()`))
    .orderBy(maintenanceOccurrences.plannedAt)
    .limit(1);
  const [row] = await named("findPendingShift", query);
  return row ?? null;
}

/** Skips the shifted occurrences whose time came while the plan was paused. */
export async function skipShiftedUntil(tx: Tx, planId: string, until: string): Promise<void> {
  const isOver = and(ofCalendar(planId), eq(maintenanceOccurrences.status, "SHIFTED"), lte(maintenanceOccurrences.startsAt, until));
  const changes = { status: "SKIPPED", message: "The plan was paused at its time." };
  await named("skipShiftedOccurrences", tx.update(maintenanceOccurrences).set(changes).where(isOver));
}

/** Records occurrences. A shifted one gets the new status; others that are recorded already stay as they are. */
export async function recordOccurrences(tx: Tx, occurrences: readonly NewOccurrence[]): Promise<void> {
  for (const occurrence of occurrences) {
    const { status, requestId = null, code = null, message = null, startsAt, reason, decidedBy } = occurrence;
    const query = tx.insert(maintenanceOccurrences).values(occurrence);
    const { tenantId, planId, plannedAt, total } = maintenanceOccurrences;
    const written =
      occurrence.total === undefined || occurrence.total === null
        ? query.onConflictDoUpdate({
            target: [tenantId, planId, plannedAt],
            targetWhere: sql`total is null`,
            set: {
              status,
              requestId,
              code,
              message,
              ...(startsAt !== undefined && { startsAt }),
              ...(reason !== undefined && { reason, decidedBy }),
            },
            setWhere: eq(maintenanceOccurrences.status, "SHIFTED"),
          })
        : query.onConflictDoNothing({ target: [tenantId, planId, total], where: sql`total is not null` });
    await named("recordMaintenanceOccurrence", written);
  }
}

/** Returns at most `slice.limit` occurrences of each plan, in the slice's order. */
export function listOccurrences(tx: Tx, planIds: readonly string[], slice: KeysetSlice): Promise<OccurrenceRow[]> {
  const ranked = tx
    .select({ ...getTableColumns(maintenanceOccurrences), rank: rankWithin(maintenanceOccurrences.planId, slice) })
    .from(maintenanceOccurrences)
    .where(and(inArray(maintenanceOccurrences.planId, [...planIds]), slice.where))
    .as("ranked");
  return named("listMaintenanceOccurrences", tx.select().from(ranked).where(lte(ranked.rank, slice.limit)).orderBy(ranked.rank));
}

export async function countOccurrences(tx: Tx, planId: string): Promise<number> {
  const query = tx.select({ count: count() }).from(maintenanceOccurrences).where(eq(maintenanceOccurrences.planId, planId));
  const [row] = await named("countMaintenanceOccurrences", query);
  return row?.count ?? 0;
}
