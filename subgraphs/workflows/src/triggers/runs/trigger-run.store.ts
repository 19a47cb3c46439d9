import { triggers as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, eq, type SQL } from "drizzle-orm";
import type { TriggerRunRow } from "../act/act.store.js";

const { triggerRuns } = tables;

export function selectRunPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<TriggerRunRow[]> {
  return named(
    "selectTriggerRunPage",
    tx
      .select()
      .from(triggerRuns)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countRuns(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countTriggerRuns", tx.select({ count: count() }).from(triggerRuns).where(where));
  return row?.count ?? 0;
}

export async function findRun(tx: Tx, id: string): Promise<TriggerRunRow | null> {
  const [row] = await named("findTriggerRun", tx.select().from(triggerRuns).where(eq(triggerRuns.id, id)));
  return row ?? null;
}

/** Locks a run until commit, so that concurrent retries wait. */
export async function lockRun(tx: Tx, id: string): Promise<TriggerRunRow | null> {
  const [row] = await named("lockTriggerRun", tx.select().from(triggerRuns).where(eq(triggerRuns.id, id)).for("update"));
  return row ?? null;
}

/** Returns what the tenant's triggers did with an event. */
export function selectRunsOfEvent(tx: Tx, eventId: string): Promise<TriggerRunRow[]> {
  return named("selectTriggerRunsOfEvent", tx.select().from(triggerRuns).where(eq(triggerRuns.eventId, eventId)));
}
