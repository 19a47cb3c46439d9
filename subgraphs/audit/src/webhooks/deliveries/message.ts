/** The body of a request: the same bytes in every attempt, because it depends only on the event, which never changes. */
import { encodeId, shownEvent, type EventEnvelope } from "@weft/shared";

/** Returns the header `webhook-id` of all deliveries of an event. */
export const messageIdOf = (eventId: string): string => encodeId("event", eventId);

/** Returns the body of an event's deliveries: `{ type, timestamp, data }`, as Standard Webhooks recommends. */
export function bodyOf(envelope: Omit<EventEnvelope, "position" | "tenantId" | "requestId" | "traceId">): string {
  const { event, payload } = shownEvent(envelope);
  const { id, subject, related, actorId, onBehalfOf } = event;
  const data = { id, subject, related, actorId, onBehalfOf, payload };
  return JSON.stringify({ type: envelope.type, timestamp: envelope.occurredAt, data });
}

/** Type of the deliveries of `testWebhook`. No event has it. */
export const TEST_TYPE = "webhook.test";

/** Returns the body of a test. */
export const testBody = ({ webhookId, at }: { readonly webhookId: string; readonly at: string }): string =>
  JSON.stringify({ type: TEST_TYPE, timestamp: at, data: { webhookId: encodeId("webhook", webhookId) } });
