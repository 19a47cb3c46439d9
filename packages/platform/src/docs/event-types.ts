import { describeEventType, type EventType, eventTypes, payloadSchemaOf } from "@weft/shared/event-catalog";

type JsonObject = Readonly<Record<string, unknown>>;

/** An event type as documentation shows it. */
export interface DocumentedEvent {
  readonly type: EventType;
  readonly version: number;
  readonly description: string;
  /** Type of the objects that the events are about. */
  readonly subject: string;
  readonly isAboutAny: boolean;
  readonly related: readonly string[];
  readonly payload: JsonObject;
}

/** Returns the types that users can see, in alphabetical order. */
export function documentedEvents(): DocumentedEvent[] {
  return Object.values(eventTypes)
    .filter(({ visibility }) => visibility === "subject")
    .map(({ type, version, subject, isAboutAny = false, related }) => ({
      type,
      version,
      description: describeEventType(type),
      subject,
      isAboutAny,
      related,
      payload: payloadSchemaOf(type),
    }))
    .toSorted((a, b) => (a.type < b.type ? -1 : 1));
}
