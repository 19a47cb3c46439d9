import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { changed, none } from "./payloads.js";

const inboundWebhook = { subject: "inboundWebhook", version: 1, related: [], visibility: "subject" } as const;

/** Events of the endpoints to which other systems send messages. */
export const inboundEvents = byType(
  defineEvent({ ...inboundWebhook, type: "inboundWebhook.created", payload: none }),
  defineEvent({ ...inboundWebhook, type: "inboundWebhook.updated", payload: changed }),
  defineEvent({ ...inboundWebhook, type: "inboundWebhook.deleted", payload: none }),
  /** A message waits to become a custom event. Internal, because that event is the one that is of interest. */
  defineEvent({ ...inboundWebhook, type: "inbound.received", visibility: "internal", payload: z.strictObject({ messageId: z.uuid() }) }),
);
