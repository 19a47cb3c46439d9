import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { changed, none } from "./payloads.js";

const webhook = { subject: "webhook", version: 1, related: [], visibility: "subject" } as const;

/** Events of webhooks. Webhooks do not receive them. */
export const webhookEvents = byType(
  defineEvent({ ...webhook, type: "webhook.created", payload: none }),
  defineEvent({ ...webhook, type: "webhook.updated", payload: changed }),
  defineEvent({ ...webhook, type: "webhook.deleted", payload: none }),
  defineEvent({
    ...webhook,
    type: "webhook.disabled",
    payload: z.strictObject({
      name: z.string(),
      /** GONE: the endpoint answered 410. FAILING: it only failed for days. */
      reason: z.enum(["GONE", "FAILING"]),
    }),
  }),
);
