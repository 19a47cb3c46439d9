import type { Tx } from "@weft/platform/db";
import { type InboundContent, inboundFields } from "@weft/platform/inbound";
import type { Secret } from "@weft/platform/secrets";
import type { Context } from "@weft/api/context";
import { selectInboundContents } from "./inbound-message.store.js";
import { selectInboundTotals, selectInboundWebhooks, type InboundTotals } from "./inbound-webhook.store.js";
import { toInboundWebhook, type InboundWebhook } from "./inbound-webhook.type.js";

/** Loads inbound webhooks by UUID. */
export const loadInboundWebhook = (ctx: Context, id: string): Promise<InboundWebhook | null> =>
  ctx
    .loader<string, InboundWebhook>(
      "inboundWebhook",
      async (tx, ids) => new Map((await selectInboundWebhooks(tx, ids)).map((row) => [row.id, toInboundWebhook(row)])),
    )
    .load(id);

const none: InboundTotals = { received: 0, published: 0, ignored: 0, failed: 0, lastReceivedAt: null };

/** Loads the numbers of messages of inbound webhooks by UUID. */
export const loadInboundTotals = async (ctx: Context, webhookId: string): Promise<InboundTotals> =>
  (await ctx.loader<string, InboundTotals>("inboundTotals", selectInboundTotals).load(webhookId)) ?? none;

/** What is encrypted of a message. */
export interface OpenedMessage {
  readonly content: InboundContent;
  readonly error: string | null;
}

/** Loads and decrypts the contents and errors of messages by UUID. Null if a message was deleted meanwhile. */
export const loadOpenedMessage = (ctx: Context, id: string): Promise<OpenedMessage | null> =>
  ctx.loader<string, OpenedMessage>("openedInboundMessage", (tx, ids) => openMessages(ctx, tx, ids)).load(id);

async function openMessages(ctx: Context, tx: Tx, ids: readonly string[]): Promise<Map<string, OpenedMessage>> {
  const rows = await selectInboundContents(tx, ids);
  const sealed = rows.flatMap(({ id, content, error }): Secret[] => [
    { field: inboundFields.content(id), value: content },
    ...(error === null ? [] : [{ field: inboundFields.error(id), value: error }]),
  ]);
  const opened = (await ctx.services.secrets.open(tx, ctx.viewer.tenantId, sealed)).values();
  return new Map(
    rows.map(({ id, error }) => {
      const content = JSON.parse(opened.next().value ?? "null") as InboundContent;
      return [id, { content, error: error === null ? null : (opened.next().value ?? null) }];
    }),
  );
}
