import { inbound } from "@weft/drizzle";
import { among, atVersion, countRows, insertedRow, named, type Tx, writtenRow } from "@weft/platform/db";
import { startConsuming, stopConsuming } from "@weft/platform/events";
import { eq, sql } from "drizzle-orm";

const { inboundWebhooks, inboundMessages } = inbound;

export type InboundWebhookRow = typeof inboundWebhooks.$inferSelect;
export type InboundWebhookChanges = Partial<Omit<typeof inboundWebhooks.$inferInsert, "tenantId" | "id">>;

/** Name of the consumer that turns messages into events. It has a cursor only in tenants with an inbound webhook. */
export const INBOUND_CONSUMER = "inboundMessages";

export async function findInboundWebhook(tx: Tx, id: string): Promise<InboundWebhookRow | null> {
  const [row] = await named("findInboundWebhook", tx.select().from(inboundWebhooks).where(eq(inboundWebhooks.id, id)));
  return row ?? null;
}

export const selectInboundWebhooks = (tx: Tx, ids: readonly string[]): Promise<InboundWebhookRow[]> =>
  named("selectInboundWebhooks", tx.select().from(inboundWebhooks).where(among(inboundWebhooks.id, ids)));

/** Counts all inbound webhooks of the tenant. Nobody else can create one until commit. */
export async function lockInboundWebhookCount(tx: Tx): Promise<number> {
  await tx.execute(
    named("lockInboundWebhookCount", sql`select pg_advisory_xact_lock(hashtextextended('weft.inboundWebhooks.' || app.tenant(), 0))`),
  );
  return countRows(tx, { name: "countInboundWebhooks", table: inboundWebhooks, where: undefined });
}

type NewWebhook = Omit<typeof inboundWebhooks.$inferInsert, "createdAt" | "updatedAt" | "version">;

export function insertInboundWebhook(tx: Tx, values: NewWebhook): Promise<InboundWebhookRow> {
  const now = sql`app.weft_now()` as unknown as string;
  return insertedRow(
    named(
      "insertInboundWebhook",
      tx
        .insert(inboundWebhooks)
        .values({ ...values, createdAt: now, updatedAt: now })
        .returning(),
    ),
  );
}

/** Returns null if the webhook's version is no longer `version`. */
export function updateInboundWebhookRow(
  tx: Tx,
  id: string,
  version: number,
  changes: InboundWebhookChanges,
): Promise<InboundWebhookRow | null> {
  const update = tx
    .update(inboundWebhooks)
    .set({ ...changes, version: sql`${inboundWebhooks.version} + 1`, updatedAt: sql`app.weft_now()` })
    .where(atVersion(inboundWebhooks, id, version))
    .returning();
  return writtenRow(named("updateInboundWebhook", update));
}

/** Deletes a webhook and its messages. Returns false if its version is no longer `version`. */
export async function removeInboundWebhook(tx: Tx, id: string, version: number): Promise<boolean> {
  const gone = tx
    .delete(inboundWebhooks)
    .where(atVersion(inboundWebhooks, id, version))
    .returning({ id: inboundWebhooks.id });
  return (await named("removeInboundWebhook", gone)).length > 0;
}

/** The messages of a webhook that are still kept. */
export interface InboundTotals {
  readonly received: number;
  readonly published: number;
  readonly ignored: number;
  readonly failed: number;
  readonly lastReceivedAt: string | null;
}

/** Counts beyond this would take long. */
const MAX_COUNT = 1_000;

/** Counts the messages of webhooks by status, each up to 1,000, with one statement. */
export async function selectInboundTotals(tx: Tx, webhookIds: readonly string[]): Promise<Map<string, InboundTotals>> {
  const ofWebhook = sql`${inboundMessages.tenantId} = ${inboundWebhooks.tenantId} and ${inboundMessages.webhookId} = ${inboundWebhooks.id}`;
  const of = (status: string) =>
    sql<number>`(select count(*)::int from (select from ${inboundMessages} where ${ofWebhook} and ${inboundMessages.status} = ${status} limit ${MAX_COUNT}::int))`;
  const rows = await named(
    "selectInboundTotals",
    tx
      .select({
        webhookId: inboundWebhooks.id,
        received: of("RECEIVED"),
        published: of("PUBLISHED"),
        ignored: of("IGNORED"),
        failed: of("FAILED"),
        lastReceivedAt: sql<string | null>`(select max(${inboundMessages.receivedAt}) from ${inboundMessages} where ${ofWebhook})`.mapWith(
          inboundMessages.receivedAt,
        ),
      })
      .from(inboundWebhooks)
      .where(among(inboundWebhooks.id, webhookIds)),
  );
  return new Map(rows.map(({ webhookId, ...totals }) => [webhookId, totals]));
}

/** Lets the consumer run in this tenant. */
export async function beginConsuming(tx: Tx): Promise<void> {
  await startConsuming(tx, INBOUND_CONSUMER);
}

/** Ends the consumer in this tenant if it has no inbound webhook. */
export function endConsuming(tx: Tx): Promise<void> {
  return stopConsuming(tx, INBOUND_CONSUMER, sql`exists (select from events.inbound_webhooks where tenant_id = app.tenant())`);
}
