import { sla } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, asc, count, eq, getTableColumns, isNull, sql, type SQL } from "drizzle-orm";
import { hasWaited, runningNow } from "./waiting.js";

const { slaIntervals, slaRecomputations } = sla;

/** Number of changed clocks: the entries that the recomputation has written. */
const changed = sql<number>`(select count(*)::int from workflows.sla_intervals i
  where i.tenant_id = app.tenant() and i.recomputation_id = ${slaRecomputations.id})`;

export type RecomputationRow = typeof slaRecomputations.$inferSelect & { readonly changed: number };

const withChanged = (tx: Tx) => tx.select({ ...getTableColumns(slaRecomputations), changed }).from(slaRecomputations);

export async function insertRecomputation(tx: Tx, values: typeof slaRecomputations.$inferInsert): Promise<void> {
  await named("insertSlaRecomputation", tx.insert(slaRecomputations).values(values));
}

export async function findRecomputation(tx: Tx, id: string): Promise<RecomputationRow | null> {
  const [row] = await named("findSlaRecomputation", withChanged(tx).where(eq(slaRecomputations.id, id)));
  return row ?? null;
}

export function selectRecomputationPage(tx: Tx, slice: KeysetSlice): Promise<RecomputationRow[]> {
  const query = withChanged(tx)
    .where(slice.where)
    .orderBy(...slice.orderBy)
    .limit(slice.limit);
  return named("selectSlaRecomputationPage", query);
}

export async function countRecomputations(tx: Tx): Promise<number> {
  const [row] = await named("countSlaRecomputations", tx.select({ count: count() }).from(slaRecomputations));
  return row?.count ?? 0;
}

export type OpenRecomputation = typeof slaRecomputations.$inferSelect & { readonly canRead: boolean };

/** Returns the tenant's earliest recomputation that is not complete, and whether all transactions for which it waits have ended. */
export async function findOpenRecomputation(tx: Tx): Promise<OpenRecomputation | null> {
  const query = tx
    .select({ ...getTableColumns(slaRecomputations), canRead: hasWaited(slaRecomputations.waitsFor) })
    .from(slaRecomputations)
    .where(isNull(slaRecomputations.completedAt))
    .orderBy(asc(slaRecomputations.createdAt), asc(slaRecomputations.id))
    .limit(1);
  const [row] = await named("findOpenSlaRecomputation", query);
  return row ?? null;
}

/** Notes the transactions that are running now, and the number of clocks. */
export async function beginRecomputation(tx: Tx, id: string, total: number): Promise<void> {
  const update = tx
    .update(slaRecomputations)
    .set({ waitsFor: runningNow, total })
    .where(and(eq(slaRecomputations.id, id), isNull(slaRecomputations.waitsFor)));
  await named("beginSlaRecomputation", update);
}

type Step = { readonly lastInstanceId: string; readonly clocks: number };

/** Notes that the clocks up to an instance have been examined, unless another process has noted that. */
export async function advanceRecomputation(
  tx: Tx,
  { id, lastInstanceId: from }: OpenRecomputation,
  { lastInstanceId, clocks }: Step,
): Promise<void> {
  const unchanged = sql`${slaRecomputations.lastInstanceId} is not distinct from ${from}::uuid`;
  const update = tx
    .update(slaRecomputations)
    .set({ lastInstanceId, examined: sql`${slaRecomputations.examined} + ${clocks}::int` })
    .where(and(eq(slaRecomputations.id, id), unchanged));
  await named("advanceSlaRecomputation", update);
}

/** Clocks that ended meanwhile, or started with the new terms, are in neither number: in the end, all that were there have been examined. */
export async function completeRecomputation(tx: Tx, id: string): Promise<void> {
  const update = tx
    .update(slaRecomputations)
    .set({ completedAt: sql`app.weft_now()`, total: slaRecomputations.examined })
    .where(and(eq(slaRecomputations.id, id), isNull(slaRecomputations.completedAt)));
  await named("completeSlaRecomputation", update);
}

/** When the tenant's earliest open recomputation was requested; null: there is none. */
export async function findNextRecomputation(tx: Tx): Promise<string | null> {
  return (await findOpenRecomputation(tx))?.createdAt ?? null;
}

/** A clock that a recomputation has changed, with the position of the entry that it wrote. */
export type ChangeRow = { readonly clockId: string; readonly position: number };

export function selectChangePage(tx: Tx, where: SQL, slice: KeysetSlice): Promise<ChangeRow[]> {
  const query = tx
    .select({ clockId: slaIntervals.clockId, position: slaIntervals.position })
    .from(slaIntervals)
    .where(and(where, slice.where))
    .orderBy(...slice.orderBy)
    .limit(slice.limit);
  return named("selectSlaChangePage", query);
}

export async function countChanges(tx: Tx, where: SQL): Promise<number> {
  const [row] = await named("countSlaChanges", tx.select({ count: count() }).from(slaIntervals).where(where));
  return row?.count ?? 0;
}
