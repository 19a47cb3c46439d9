import { triggers as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { headPosition, startConsuming, stopConsuming } from "@weft/platform/events";
import type { KeysetSlice } from "@weft/api/pages";
import { and, asc, count, eq, sql, type SQL } from "drizzle-orm";

const { triggers } = tables;

export type TriggerRow = typeof triggers.$inferSelect;

/** Name of the consumer that runs triggers. It has a cursor only in tenants with an active trigger. */
export const TRIGGERS_CONSUMER = "triggers";

export async function findTrigger(tx: Tx, id: string): Promise<TriggerRow | null> {
  const [row] = await named("findTrigger", tx.select().from(triggers).where(eq(triggers.id, id)));
  return row ?? null;
}

/** Locks a trigger until commit. Null if it was deleted. Runs of the trigger can still be inserted. */
export async function lockTrigger(tx: Tx, id: string): Promise<TriggerRow | null> {
  const [row] = await named("lockTrigger", tx.select().from(triggers).where(eq(triggers.id, id)).for("no key update"));
  return row ?? null;
}

/** Keeps a trigger from being deleted until commit. Null if it was deleted. */
export async function holdTrigger(tx: Tx, id: string): Promise<TriggerRow | null> {
  const [row] = await named("holdTrigger", tx.select().from(triggers).where(eq(triggers.id, id)).for("key share"));
  return row ?? null;
}

export function selectTriggers(tx: Tx, ids: readonly string[]): Promise<TriggerRow[]> {
  return named("selectTriggers", tx.select().from(triggers).where(among(triggers.id, ids)));
}

export function selectTriggerPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<TriggerRow[]> {
  return named(
    "selectTriggerPage",
    tx
      .select()
      .from(triggers)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

/** Counts all triggers of the tenant. Nobody else can create one until commit. */
export async function lockTriggerCount(tx: Tx): Promise<number> {
  await tx.execute(named("lockTriggerCount", sql`select pg_advisory_xact_lock(hashtextextended('weft.triggers.' || app.tenant(), 0))`));
  return countTriggers(tx);
}

export async function countTriggers(tx: Tx, where?: SQL): Promise<number> {
  const [row] = await named("countTriggers", tx.select({ count: count() }).from(triggers).where(where));
  return row?.count ?? 0;
}

/** Returns the tenant's active triggers, in the order of their creation. */
export function selectActiveTriggers(tx: Tx): Promise<TriggerRow[]> {
  return named("selectActiveTriggers", tx.select().from(triggers).where(eq(triggers.isActive, true)).orderBy(asc(triggers.id)));
}

/** Returns all triggers of an event type, in the order of their creation. */
export function selectTriggersOf(tx: Tx, eventType: string): Promise<TriggerRow[]> {
  return named("selectTriggersOf", tx.select().from(triggers).where(eq(triggers.eventType, eventType)).orderBy(asc(triggers.id)));
}

export async function insertTrigger(tx: Tx, values: typeof triggers.$inferInsert): Promise<TriggerRow> {
  const [row] = await named("insertTrigger", tx.insert(triggers).values(values).returning());
  if (!row) throw new Error("insert returned no row");
  return row;
}

/** Returns null if the trigger has changed since it was read. */
export async function updateTriggerRow(
  tx: Tx,
  { id, version }: TriggerRow,
  changes: Partial<typeof triggers.$inferInsert>,
): Promise<TriggerRow | null> {
  const update = tx
    .update(triggers)
    .set({ ...changes, version: version + 1, updatedAt: sql`app.weft_now()` })
    .where(and(eq(triggers.id, id), eq(triggers.version, version)))
    .returning();
  const [row] = await named("updateTrigger", update);
  return row ?? null;
}

/** Deletes the trigger and its runs. */
export async function removeTrigger(tx: Tx, { id, version }: TriggerRow): Promise<boolean> {
  const gone = tx
    .delete(triggers)
    .where(and(eq(triggers.id, id), eq(triggers.version, version)))
    .returning({ id: triggers.id });
  return (await named("removeTrigger", gone)).length > 0;
}

/** Lets the consumer run in this tenant. Returns the position after which events are considered. */
export async function beginConsuming(tx: Tx): Promise<number> {
  await startConsuming(tx, TRIGGERS_CONSUMER);
  return headPosition(tx);
}

/** Ends the consumer in this tenant if no active trigger is left. */
export function endConsuming(tx: Tx): Promise<void> {
  return stopConsuming(tx, TRIGGERS_CONSUMER, sql`exists (select from workflows.triggers where tenant_id = app.tenant() and is_active)`);
}
