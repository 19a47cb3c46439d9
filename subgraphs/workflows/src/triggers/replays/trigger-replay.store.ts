import { triggers as tables } from "@weft/drizzle";
import { type DueTenants, named, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, asc, count, eq, sql } from "drizzle-orm";

const { triggerReplays: replays } = tables;

export type TriggerReplayRow = typeof replays.$inferSelect;

/** What changes while a replay continues. */
export type Progress = Pick<
  TriggerReplayRow,
  "position" | "reachedAt" | "examinedCount" | "runCount" | "failedCount" | "failuresInRow" | "status" | "stopReason"
>;

const isRunning = eq(replays.status, "RUNNING");
const now = sql`app.weft_now()` as unknown as string;

export async function insertReplay(tx: Tx, values: Omit<typeof replays.$inferInsert, "createdAt">): Promise<void> {
  await named("insertTriggerReplay", tx.insert(replays).values({ ...values, createdAt: now }));
}

export async function findReplay(tx: Tx, id: string): Promise<TriggerReplayRow | null> {
  const [row] = await named("findTriggerReplay", tx.select().from(replays).where(eq(replays.id, id)));
  return row ?? null;
}

/** Returns the ID of the trigger's running replay. */
export async function findRunningReplay(tx: Tx, triggerId: string): Promise<string | null> {
  const query = tx
    .select({ id: replays.id })
    .from(replays)
    .where(and(eq(replays.triggerId, triggerId), isRunning));
  return (await named("findRunningTriggerReplay", query))[0]?.id ?? null;
}

/** Returns at most `slice.limit` replays of each trigger. */
export function selectReplays(tx: Tx, triggerIds: readonly string[], slice: KeysetSlice): Promise<TriggerReplayRow[]> {
  return rowsOfEach(tx, "selectTriggerReplays", replays, { parent: replays.triggerId, parentIds: triggerIds, slice });
}

export async function countReplays(tx: Tx, triggerId: string): Promise<number> {
  const query = tx.select({ count: count() }).from(replays).where(eq(replays.triggerId, triggerId));
  return (await named("countTriggerReplays", query))[0]?.count ?? 0;
}

/** Finds active tenants with replays to continue, longest waiting first. Runs as weft_worker. */
export async function findTenantsWithReplays(tx: Tx, limit: number): Promise<DueTenants> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsWithTriggerReplays",
      sql`select r.tenant_id from workflows.trigger_replays r join identity.tenants t on t.tenant_id = r.tenant_id and t.status = 'ACTIVE'
       where r.status = 'RUNNING' group by r.tenant_id order by min(r.created_at) limit ${limit}::int`,
    ),
  );
  return { tenants: rows.map((row) => row.tenant_id), next: null };
}

/** Returns since when the tenant's oldest running replay is due. */
export async function findNextReplay(tx: Tx): Promise<string | null> {
  const query = tx.select({ createdAt: replays.createdAt }).from(replays).where(isRunning).orderBy(asc(replays.createdAt)).limit(1);
  return (await named("findNextTriggerReplay", query))[0]?.createdAt ?? null;
}

/** Returns the oldest running replay. Null in a suspended tenant. */
export async function findReplayToContinue(tx: Tx): Promise<Pick<TriggerReplayRow, "id" | "triggerId"> | null> {
  const isActive = sql`exists (select from identity.tenants where tenant_id = app.tenant() and status = 'ACTIVE')`;
  const query = tx
    .select({ id: replays.id, triggerId: replays.triggerId })
    .from(replays)
    .where(and(isRunning, isActive))
    .orderBy(asc(replays.createdAt), asc(replays.id))
    .limit(1);
  return (await named("findTriggerReplayToContinue", query))[0] ?? null;
}

/** Locks a running replay until commit. Null if it has ended, or another process is continuing it. */
export async function lockRunningReplay(tx: Tx, id: string): Promise<TriggerReplayRow | null> {
  const query = tx
    .select()
    .from(replays)
    .where(and(eq(replays.id, id), isRunning))
    .for("update", { skipLocked: true });
  return (await named("lockRunningTriggerReplay", query))[0] ?? null;
}

/** Records the progress of a replay, and its end unless it is still running. */
export async function recordProgress(tx: Tx, id: string, progress: Progress): Promise<void> {
  const { position, reachedAt, examinedCount, runCount, failedCount, failuresInRow, status, stopReason } = progress;
  const finishedAt = status === "RUNNING" ? null : now;
  const update = tx
    .update(replays)
    .set({ position, reachedAt, examinedCount, runCount, failedCount, failuresInRow, status, stopReason, finishedAt })
    .where(eq(replays.id, id));
  await named("recordTriggerReplay", update);
}
