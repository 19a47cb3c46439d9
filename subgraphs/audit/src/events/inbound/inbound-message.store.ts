import { inbound } from "@weft/drizzle";
import { among, countRows, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, inArray, sql, type SQL } from "drizzle-orm";
import type { InboundWebhookRow } from "./inbound-webhook.store.js";

const { inboundMessages, inboundWebhooks } = inbound;

/** The columns of lists: without the content, which can be long. */
const shown = {
  id: inboundMessages.id,
  webhookId: inboundMessages.webhookId,
  messageId: inboundMessages.messageId,
  size: inboundMessages.size,
  status: inboundMessages.status,
  eventId: inboundMessages.eventId,
  attempts: inboundMessages.attempts,
  receivedAt: inboundMessages.receivedAt,
  handledAt: inboundMessages.handledAt,
};

export type InboundMessageRow = Omit<typeof inboundMessages.$inferSelect, "tenantId" | "content" | "replayKey" | "error">;

export function selectInboundMessagePage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<InboundMessageRow[]> {
  return named(
    "selectInboundMessagePage",
    tx
      .select(shown)
      .from(inboundMessages)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export const countInboundMessages = (tx: Tx, where: SQL | undefined): Promise<number> =>
  countRows(tx, { name: "countInboundMessages", table: inboundMessages, where });

export const selectInboundMessages = (tx: Tx, ids: readonly string[]): Promise<InboundMessageRow[]> =>
  named("selectInboundMessages", tx.select(shown).from(inboundMessages).where(among(inboundMessages.id, ids)));

/** Returns the encrypted content and error of messages. */
export const selectInboundContents = (tx: Tx, ids: readonly string[]): Promise<{ id: string; content: string; error: string | null }[]> =>
  named(
    "selectInboundContents",
    tx
      .select({ id: inboundMessages.id, content: inboundMessages.content, error: inboundMessages.error })
      .from(inboundMessages)
      .where(among(inboundMessages.id, ids)),
  );

/** A message to handle, with its webhook. */
export interface InboundWork {
  readonly message: typeof inboundMessages.$inferSelect;
  readonly webhook: InboundWebhookRow;
}

/** Returns a message that waits to be handled. Null if it was handled or deleted. */
export async function findInboundWork(tx: Tx, id: string): Promise<InboundWork | null> {
  const [row] = await named(
    "findInboundWork",
    tx
      .select({ message: inboundMessages, webhook: inboundWebhooks })
      .from(inboundMessages)
      .innerJoin(
        inboundWebhooks,
        and(eq(inboundWebhooks.tenantId, inboundMessages.tenantId), eq(inboundWebhooks.id, inboundMessages.webhookId)),
      )
      .where(and(eq(inboundMessages.id, id), eq(inboundMessages.status, "RECEIVED"))),
  );
  return row ?? null;
}

export interface InboundResult {
  readonly status: "PUBLISHED" | "IGNORED" | "FAILED";
  /** Encrypted. */
  readonly error: string | null;
  readonly eventId: string | null;
}

export async function writeInboundResult(tx: Tx, id: string, { status, error, eventId }: InboundResult): Promise<void> {
  await named(
    "writeInboundResult",
    tx
      .update(inboundMessages)
      .set({ status, error, eventId, attempts: sql`${inboundMessages.attempts} + 1`, handledAt: sql`app.weft_now()` })
      .where(eq(inboundMessages.id, id)),
  );
}

/** Lets failed messages wait to be handled again. Returns those that had failed, in the order in which they were received. */
export async function reopenInboundMessages(tx: Tx, ids: readonly string[]): Promise<{ id: string; webhookId: string }[]> {
  const rows = await named(
    "reopenInboundMessages",
    tx
      .update(inboundMessages)
      .set({ status: "RECEIVED", error: null, handledAt: null })
      .where(and(inArray(inboundMessages.id, [...ids]), eq(inboundMessages.status, "FAILED")))
      .returning({ id: inboundMessages.id, webhookId: inboundMessages.webhookId }),
  );
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Deletes messages of the transaction's tenant that were received long ago. Returns their number. */
export async function deletePastInboundMessages(
  tx: Tx,
  { days, limit }: { readonly days: number; readonly limit: number },
): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deletePastInboundMessages",
      sql`with old as (
        select id from events.inbound_messages
         where tenant_id = app.tenant() and status <> 'RECEIVED' and received_at < app.weft_now() - make_interval(days => ${days}::int)
         order by received_at, id limit ${limit}::int
      ), gone as (
        delete from events.inbound_messages m using old where m.tenant_id = app.tenant() and m.id = old.id returning m.tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
