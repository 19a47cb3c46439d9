import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const webhook = {
  types: {
    webhook: { prefix: "whk", typeName: "Webhook", table: "events.webhooks", role: "subject", changes: "CONFIGURATION" },
    webhookDelivery: { prefix: "whd", typeName: "WebhookDelivery", table: "events.webhook_deliveries", role: "record" },
    eventReplay: { prefix: "evr", typeName: "EventReplay", table: "events.replays", role: "record" },
  },
  permissions: {
    "webhook.read": "View webhooks, and what was sent to them.",
    "webhook.manage": "Create, change, pause, and delete webhooks, which receive the events of the whole tenant.",
  },
  /** Webhooks do not receive them. */
  events: {
    "webhook.created": { visibility: "subject" },
    "webhook.updated": { visibility: "subject", payload: changed },
    "webhook.deleted": { visibility: "subject" },
    "webhook.disabled": {
      visibility: "subject",
      payload: z.strictObject({
        name: z.string(),
        /** GONE: the endpoint answered 410. FAILING: it only failed for days. */
        reason: z.enum(["GONE", "FAILING"]),
      }),
    },
  },
} as const satisfies Aggregate;
