import { webhooks as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, sql } from "drizzle-orm";

const { replays } = tables;

export type ReplayRow = typeof replays.$inferSelect;

const isRunning = eq(replays.status, "RUNNING");

export async function insertReplay(tx: Tx, values: typeof replays.$inferInsert): Promise<void> {
  await named("insertReplay", tx.insert(replays).values(values));
}

export async function findReplay(tx: Tx, id: string): Promise<ReplayRow | null> {
  const [row] = await named("findReplay", tx.select().from(replays).where(eq(replays.id, id)));
  return row ?? null;
}

/** Returns the ID of the webhook's running replay. */
export async function findRunningReplay(tx: Tx, webhookId: string): Promise<string | null> {
  const query = tx
    .select({ id: replays.id })
    .from(replays)
    .where(and(eq(replays.webhookId, webhookId), isRunning));
  return (await named("findRunningReplay", query))[0]?.id ?? null;
}

/** Finds active tenants with replays to continue, longest waiting first. Runs as weft_worker. */
export async function findTenantsWithReplays(tx: Tx, limit: number): Promise<{ tenants: string[]; next: null }> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsWithReplays",
      sql`select r.tenant_id from events.replays r join identity.tenants t on t.tenant_id = r.tenant_id and t.status = 'ACTIVE'
       where r.status = 'RUNNING' group by r.tenant_id order by min(r.created_at) limit ${limit}::int`,
    ),
  );
  return { tenants: rows.map((row) => row.tenant_id), next: null };
}

/** Returns since when the tenant's oldest running replay is due. */
export async function findNextReplay(tx: Tx): Promise<string | null> {
  const query = tx.select({ createdAt: replays.createdAt }).from(replays).where(isRunning).orderBy(asc(replays.createdAt)).limit(1);
  return (await named("findNextReplay", query))[0]?.createdAt ?? null;
}

/** Deliveries that wait for a webhook. With as many, its replay waits. */
export const ENOUGH_WAITING = 100;

/**
 * Locks the oldest running replay that no other worker is continuing, until commit. A replay waits while many deliveries of its webhook do, so that new
 * events do not wait behind thousands of past ones: for a day, because it keeps events from being deleted. Not for a paused webhook, of which nothing is
 * sent.
 */
export async function lockRunningReplay(tx: Tx): Promise<ReplayRow | null> {
  const waiting = sql`(select count(*) from (select from events.webhook_deliveries d
    where d.tenant_id = ${replays.tenantId} and d.webhook_id = ${replays.webhookId} and d.status = 'PENDING' limit ${ENOUGH_WAITING}::int) d)`;
  const isActive = sql`exists (select from events.webhooks w where w.tenant_id = ${replays.tenantId} and w.id = ${replays.webhookId} and w.status = 'ACTIVE')`;
  const query = tx
    .select()
    .from(replays)
    .where(
      and(isRunning, sql`not (${replays.createdAt} > now() - interval '1 day' and ${isActive} and ${waiting} >= ${ENOUGH_WAITING}::int)`),
    )
    .orderBy(asc(replays.createdAt), asc(replays.id))
    .limit(1)
    .for("update", { skipLocked: true });
  return (await named("lockRunningReplay", query))[0] ?? null;
}

/** Records the progress of a replay, and its end unless it is still running. */
export async function recordProgress(
  tx: Tx,
  id: string,
  progress: Pick<ReplayRow, "position" | "queuedCount" | "reachedAt" | "status">,
): Promise<void> {
  const finishedAt = progress.status === "RUNNING" ? null : sql`now()`;
  await named(
    "recordReplayProgress",
    tx
      .update(replays)
      .set({ ...progress, finishedAt })
      .where(eq(replays.id, id)),
  );
}
