import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { eq, sql } from "drizzle-orm";

const { clockAdvances } = identity;

export type ClockAdvanceRow = typeof clockAdvances.$inferSelect;

/** Where an advance would lead, all in the tenant's time. */
export interface PlannedAdvance {
  readonly isSandbox: boolean;
  readonly now: string;
  readonly target: string;
  readonly isForward: boolean;
  readonly isTooFar: boolean;
}

/** Years that one advance can cover. */
export const MAX_YEARS = 5;
/** No clock is advanced to this time or beyond. */
export const END_OF_TIME = "2200-01-01T00:00:00Z";

/** Computes the target of an advance, by a duration (ISO 8601) or to a time. */
export async function planAdvance(tx: Tx, { by, to }: { readonly by: string | null; readonly to: string | null }): Promise<PlannedAdvance> {
  const [row] = await tx.execute<PlannedAdvance & Record<string, unknown>>(
    named(
      "planClockAdvance",
      sql`select p."isSandbox", p.now, p.target, p.target > p.now as "isForward",
          p.target > p.now + make_interval(years => ${MAX_YEARS}::int) or p.target >= ${END_OF_TIME}::timestamptz as "isTooFar"
        from (select t.is_sandbox as "isSandbox", app.weft_now() as now,
                     coalesce(${to}::timestamptz, (app.weft_now() at time zone 'UTC' + ${by}::interval) at time zone 'UTC') as target
                from identity.tenants t where t.tenant_id = app.tenant()) p`,
    ),
  );
  if (!row) throw new Error("the tenant of the transaction does not exist");
  return row;
}

/** Inserts a running advance. Events that are numbered from now on count as its effects. */
export async function insertAdvance(
  tx: Tx,
  { tenantId, id, createdBy, now, target }: Pick<ClockAdvanceRow, "tenantId" | "id" | "createdBy"> & Pick<PlannedAdvance, "now" | "target">,
): Promise<ClockAdvanceRow> {
  const head = sql`coalesce((select h.position from events.position_heads h where h.tenant_id = app.tenant()), 0)`;
  const [row] = await named(
    "insertClockAdvance",
    tx
      .insert(clockAdvances)
      .values({ tenantId, id, createdBy, fromAt: now, targetAt: target, reachedAt: now, countedPosition: head })
      .returning(),
  );
  if (!row) throw new Error("the inserted advance was not returned");
  return row;
}

export async function findAdvance(tx: Tx, id: string): Promise<ClockAdvanceRow | null> {
  const [row] = await named("findClockAdvance", tx.select().from(clockAdvances).where(eq(clockAdvances.id, id)));
  return row ?? null;
}
