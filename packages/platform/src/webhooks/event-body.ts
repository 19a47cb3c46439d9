/** The body of a webhook's request. It depends only on the event, which never changes, or on what a query selected once. */
import { type EventEnvelope, publishedEvent } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";

/** Returns the header `webhook-id` of all deliveries of an event. */
export const webhookMessageId = (eventId: string): string => encodeId("event", eventId);

/**
 * Returns the body of an event's deliveries: `{ type, timestamp, data }`, as Standard Webhooks recommends.
 * @param selected replaces the event's own payload
 */
export function webhookBody(
  envelope: Omit<EventEnvelope, "position" | "tenantId" | "requestId" | "traceId">,
  selected?: Readonly<Record<string, unknown>>,
): string {
  const { type, typeVersion, event, payload } = publishedEvent(envelope);
  const { id, subject, related, actorId, onBehalfOf } = event;
  const data = { id, typeVersion, subject, related, actorId, onBehalfOf, payload: selected ?? payload };
  return JSON.stringify({ type, timestamp: envelope.occurredAt, data });
}

/** Name of a stored body, to which its ciphertext is bound. Repetitions of a delivery share the body. IDs are UUIDs. */
export const webhookBodyField = (webhookId: string, eventId: string): string => `events.webhook_deliveries.body/${webhookId}/${eventId}`;
