import { type EventEnvelope, publishedEvent } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import { webhookMessageId } from "@weft/platform/webhooks";
import type { WebhookRow } from "../webhook.store.js";
import type { NewDelivery } from "./delivery.store.js";

/** Returns the delivery of an event to a webhook. */
export const newDelivery = ({ id, payloadQuery }: WebhookRow, event: EventEnvelope): NewDelivery => ({
  id: newId(),
  webhookId: id,
  messageId: webhookMessageId(event.id),
  eventId: event.id,
  eventType: publishedEvent(event).type,
  subjectId: event.subjectId,
  hasPayload: payloadQuery !== null,
});
