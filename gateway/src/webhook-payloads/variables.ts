import { type EventEnvelope, publishedEvent } from "@weft/shared/event-catalog";
import { encodeId, isIdType } from "@weft/shared/ids";

/** Variables that the query of a webhook can declare, with their types. */
export const payloadVariables: Readonly<Record<string, string>> = { eventId: "ID", eventType: "String", subjectId: "ID" };

/** Returns the values of these variables for an event. */
export function variablesOf(event: EventEnvelope): Readonly<Record<string, string>> {
  const { subjectType, subjectId } = event;
  return {
    eventId: encodeId("event", event.id),
    eventType: publishedEvent(event).type,
    subjectId: isIdType(subjectType) ? encodeId(subjectType, subjectId) : subjectId,
  };
}
