import { inbound } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, idField, textField, timeField } from "@weft/api/filters";
import { keysetPage, orderByInput, type Page } from "@weft/api/pages";
import { countInboundMessages, selectInboundMessagePage, type InboundMessageRow } from "./inbound-message.store.js";
import { InboundMessageStatus, toInboundMessage, type InboundMessage } from "./inbound-message.type.js";
import type { ListOptions } from "./inbound-webhook.list.js";

const { inboundMessages } = inbound;

export const InboundMessageFilter = filterInput("InboundMessageFilter", {
  webhookId: idField("inboundWebhook", inboundMessages.webhookId),
  messageId: textField(inboundMessages.messageId),
  status: enumField("InboundMessageStatus", InboundMessageStatus, inboundMessages.status),
  eventId: idField("event", inboundMessages.eventId),
  receivedAt: timeField(inboundMessages.receivedAt),
});

export const InboundMessageOrder = orderByInput("InboundMessageOrder", {
  RECEIVED_AT: { column: inboundMessages.receivedAt, valueOf: (row: InboundMessageRow) => row.receivedAt },
});

/** Returns a page of the tenant's messages, newest first by default. */
export function listInboundMessages(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<InboundMessage>> {
  const where = InboundMessageFilter.toSql(filter);
  return keysetPage<InboundMessageRow, InboundMessage>(ctx, {
    args: page,
    list: "inboundMessages",
    orderBy: InboundMessageOrder.resolve(orderBy, ["RECEIVED_AT", "DESC"]),
    id: { column: inboundMessages.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectInboundMessagePage(tx, where, slice)),
    count: () => ctx.read((tx) => countInboundMessages(tx, where)),
    toNode: toInboundMessage,
  });
}
