import { inbound } from "@weft/drizzle";
import { enumField, filterInput, type FilterValue, textField } from "@weft/api/filters";
import { type ConnectionArgs, orderByInput, type OrderByValue } from "@weft/api/pages";
import type { InboundWebhookRow } from "./inbound-webhook.store.js";
import { InboundWebhookScheme, InboundWebhookStatus } from "./inbound-webhook.type.js";

const { inboundWebhooks } = inbound;

export const InboundWebhookFilter = filterInput("InboundWebhookFilter", {
  name: textField(inboundWebhooks.name),
  scheme: enumField("InboundWebhookScheme", InboundWebhookScheme, inboundWebhooks.scheme),
  status: enumField("InboundWebhookStatus", InboundWebhookStatus, inboundWebhooks.status),
  eventType: textField(inboundWebhooks.eventType),
});

export const InboundWebhookOrder = orderByInput("InboundWebhookOrder", {
  CREATED_AT: { column: inboundWebhooks.createdAt, valueOf: (row: InboundWebhookRow) => row.createdAt },
  NAME: { column: inboundWebhooks.name, valueOf: (row: InboundWebhookRow) => row.name },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};
