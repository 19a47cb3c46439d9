import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const inboundWebhook = {
  types: {
    inboundWebhook: {
      prefix: "inw",
      typeName: "InboundWebhook",
      table: "events.inbound_webhooks",
      role: "subject",
      changes: "CONFIGURATION",
    },
    inboundMessage: { prefix: "inm", typeName: "InboundMessage", table: "events.inbound_messages", role: "record" },
  },
  permissions: {
    "inboundWebhook.read": "View inbound webhooks and the status of their messages.",
    "inboundWebhook.manage":
      "Create, change, and delete inbound webhooks, which publish events in the name of the user who saved them; read and retry their messages.",
  },
  events: {
    "inboundWebhook.created": { visibility: "subject" },
    "inboundWebhook.updated": { visibility: "subject", payload: changed },
    "inboundWebhook.deleted": { visibility: "subject" },
    /** A message waits to become a custom event. Internal, because that event is the one that is of interest. */
    "inbound.received": { visibility: "internal", payload: z.strictObject({ messageId: z.uuid() }) },
  },
} as const satisfies Aggregate;
