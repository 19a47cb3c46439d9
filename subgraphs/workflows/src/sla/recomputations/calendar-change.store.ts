import { app } from "@weft/drizzle";
import { type DueTenants, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, getTableColumns, isNull, sql } from "drizzle-orm";
import { findTenantsWithOpen, hasWaited, runningNow } from "./waiting.js";

const { calendarChanges } = app;

export type CalendarChange = typeof calendarChanges.$inferSelect & {
  /** Whether all transactions for which it waits have ended. */
  readonly canVisit: boolean;
};

/** Active tenants with a change that has not been carried over, longest waiting first. Runs as weft_worker, across all tenants. */
export const findTenantsWithCalendarChanges = (tx: Tx, limit: number): Promise<DueTenants> =>
  findTenantsWithOpen(tx, { name: "findTenantsWithCalendarChanges", table: "app.calendar_changes", limit });

/** Returns the tenant's earliest change that has not been carried over. */
export async function findOpenCalendarChange(tx: Tx): Promise<CalendarChange | null> {
  const query = tx
    .select({ ...getTableColumns(calendarChanges), canVisit: hasWaited(calendarChanges.waitsFor) })
    .from(calendarChanges)
    .where(isNull(calendarChanges.completedAt))
    .orderBy(asc(calendarChanges.createdAt), asc(calendarChanges.id))
    .limit(1);
  const [row] = await named("findOpenCalendarChange", query);
  return row ?? null;
}

/** Notes the transactions that are running now. */
export async function beginCalendarChange(tx: Tx, id: string): Promise<void> {
  const update = tx
    .update(calendarChanges)
    .set({ waitsFor: runningNow })
    .where(and(eq(calendarChanges.id, id), isNull(calendarChanges.waitsFor)));
  await named("beginCalendarChange", update);
}

/** Notes that the tenants up to this one have been visited. */
export async function advanceCalendarChange(tx: Tx, id: string, lastTenantId: string): Promise<void> {
  const lastVisited = sql`greatest(${calendarChanges.lastTenantId}, ${lastTenantId}::uuid)`;
  await named("advanceCalendarChange", tx.update(calendarChanges).set({ lastTenantId: lastVisited }).where(eq(calendarChanges.id, id)));
}

/** Returns whether this transaction completes the change: of concurrent ones, only the first does. */
export async function completeCalendarChange(tx: Tx, id: string): Promise<boolean> {
  const update = tx
    .update(calendarChanges)
    .set({ completedAt: sql`app.weft_now()` })
    .where(and(eq(calendarChanges.id, id), isNull(calendarChanges.completedAt)))
    .returning({ id: calendarChanges.id });
  return (await named("completeCalendarChange", update)).length > 0;
}

/** Returns the next tenants that inherit a shared change, by ID, whatever their status. Runs as weft_worker, across all tenants. */
export async function findInheritingTenants(
  tx: Tx,
  { plan, lastTenantId }: Pick<CalendarChange, "plan" | "lastTenantId">,
  limit: number,
): Promise<string[]> {
  const rows = await tx.execute<{ tenantId: string }>(
    named(
      "findInheritingTenants",
      sql`select t.tenant_id as "tenantId" from identity.tenants t
       where (${lastTenantId}::uuid is null or t.tenant_id > ${lastTenantId}::uuid) and (${plan}::text is null or t.plan = ${plan}::text)
       order by t.tenant_id limit ${limit}::int`,
    ),
  );
  return rows.map(({ tenantId }) => tenantId);
}

/**
 * Requests the recomputation of the tenant's open clocks after a shared change, if it has any. The recomputation has the ID of the change, so that a
 * repeated visit requests nothing.
 */
export async function insertInheritedRecomputation(tx: Tx, changeId: string): Promise<void> {
  await tx.execute(
    named(
      "insertInheritedRecomputation",
      sql`insert into workflows.sla_recomputations (tenant_id, id, cause, created_at)
        select t.tenant_id, ${changeId}::uuid, 'CALENDAR_CHANGE', app.weft_now() from identity.tenants t
         where t.tenant_id = app.tenant() and exists (select from workflows.sla_clocks c where c.tenant_id = t.tenant_id and c.ended_at is null)
        on conflict do nothing`,
    ),
  );
}
