import { webhooks as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { headPosition, startConsuming, stopConsuming } from "@weft/platform/events";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, eq, isNotNull, ne, sql, type SQL } from "drizzle-orm";

const { webhooks, webhookStates } = tables;

export type WebhookRow = typeof webhooks.$inferSelect;
export type WebhookStateRow = typeof webhookStates.$inferSelect;

/** Name of the consumer that queues deliveries. It has a cursor only in tenants with a webhook that is not disabled. */
export const WEBHOOKS_CONSUMER = "webhooks";

export async function findWebhook(tx: Tx, id: string): Promise<WebhookRow | null> {
  const [row] = await named("findWebhook", tx.select().from(webhooks).where(eq(webhooks.id, id)));
  return row ?? null;
}

/** Locks a webhook until commit. Null if it was deleted. */
export async function lockWebhook(tx: Tx, id: string): Promise<WebhookRow | null> {
  const [row] = await named("lockWebhook", tx.select().from(webhooks).where(eq(webhooks.id, id)).for("update"));
  return row ?? null;
}

export function selectWebhooks(tx: Tx, ids: readonly string[]): Promise<WebhookRow[]> {
  return named("selectWebhooks", tx.select().from(webhooks).where(among(webhooks.id, ids)));
}

export function selectWebhookStates(tx: Tx, ids: readonly string[]): Promise<WebhookStateRow[]> {
  return named("selectWebhookStates", tx.select().from(webhookStates).where(among(webhookStates.webhookId, ids)));
}

export function selectWebhookPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<WebhookRow[]> {
  return named(
    "selectWebhookPage",
    tx
      .select()
      .from(webhooks)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

/** Returns the webhooks that receive events: those that are not disabled. */
export function selectReceivingWebhooks(tx: Tx): Promise<WebhookRow[]> {
  return named("selectReceivingWebhooks", tx.select().from(webhooks).where(ne(webhooks.status, "DISABLED")).orderBy(webhooks.id));
}

/** Counts all webhooks of the tenant. Nobody else can create one until commit. */
export async function lockWebhookCount(tx: Tx): Promise<number> {
  await tx.execute(named("lockWebhookCount", sql`select pg_advisory_xact_lock(hashtextextended('weft.webhooks.' || app.tenant(), 0))`));
  return countWebhooks(tx);
}

export async function countWebhooks(tx: Tx, where?: SQL): Promise<number> {
  const [row] = await named("countWebhooks", tx.select({ count: count() }).from(webhooks).where(where));
  return row?.count ?? 0;
}

export async function insertWebhook(tx: Tx, values: typeof webhooks.$inferInsert): Promise<WebhookRow> {
  const [row] = await named("insertWebhook", tx.insert(webhooks).values(values).returning());
  if (!row) throw new Error("insert returned no row");
  await named("insertWebhookState", tx.insert(webhookStates).values({ tenantId: row.tenantId, webhookId: row.id }));
  return row;
}

/** Returns null if the webhook has changed since it was read. */
export async function updateWebhookRow(
  tx: Tx,
  { id, version }: WebhookRow,
  changes: Partial<typeof webhooks.$inferInsert>,
): Promise<WebhookRow | null> {
  const update = tx
    .update(webhooks)
    .set({ ...changes, version: sql`${webhooks.version} + 1`, updatedAt: sql`now()` })
    .where(and(eq(webhooks.id, id), eq(webhooks.version, version)))
    .returning();
  const [row] = await named("updateWebhook", update);
  return row ?? null;
}

/** Deletes the webhook with its deliveries. */
export async function removeWebhook(tx: Tx, { id, version }: WebhookRow): Promise<boolean> {
  const gone = tx
    .delete(webhooks)
    .where(and(eq(webhooks.id, id), eq(webhooks.version, version)))
    .returning({ id: webhooks.id });
  return (await named("removeWebhook", gone)).length > 0;
}

/** Forgets earlier failures and pauses of an endpoint. */
export async function resetWebhookState(tx: Tx, webhookId: string): Promise<void> {
  await named(
    "resetWebhookState",
    tx
      .update(webhookStates)
      .set({ consecutiveFailures: 0, failingSince: null, lastFailedAt: null, blockedUntil: null, slowUntil: null, unreadableSince: null })
      .where(eq(webhookStates.webhookId, webhookId)),
  );
}

/** Forgets that secrets could not be decrypted, so that the next sender tries it at once. */
export async function clearUnreadable(tx: Tx, webhookId: string): Promise<void> {
  await named(
    "clearUnreadableWebhook",
    tx
      .update(webhookStates)
      .set({ unreadableSince: null, blockedUntil: null })
      .where(and(eq(webhookStates.webhookId, webhookId), isNotNull(webhookStates.unreadableSince))),
  );
}

/** Forgets what was wrong with the payload of an earlier query. */
export async function clearPayloadError(tx: Tx, webhookId: string): Promise<void> {
  await named("clearPayloadError", tx.update(webhookStates).set({ payloadError: null }).where(eq(webhookStates.webhookId, webhookId)));
}

/** Lets the consumer run in this tenant. Returns the position after which events are considered. */
export async function beginConsuming(tx: Tx): Promise<number> {
  await startConsuming(tx, WEBHOOKS_CONSUMER);
  return headPosition(tx);
}

/** Ends the consumer in this tenant if no webhook is left that receives events. */
export function endConsuming(tx: Tx): Promise<void> {
  return stopConsuming(
    tx,
    WEBHOOKS_CONSUMER,
    sql`exists (select from events.webhooks where tenant_id = app.tenant() and status <> 'DISABLED')`,
  );
}
