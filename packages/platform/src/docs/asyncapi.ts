import { documentedEvents, type DocumentedEvent } from "./event-types.js";

const text = { type: "string" };

/** Fields of every event, as the API shows them. */
const envelope = {
  type: "object",
  required: [
    "id",
    "type",
    "typeVersion",
    "occurredAt",
    "subjectType",
    "subjectId",
    "subjectVersion",
    "related",
    "correlationId",
    "payload",
  ],
  properties: {
    id: { ...text, description: "ID (`evt_…`)." },
    type: { ...text, description: "Type." },
    typeVersion: { type: "integer", description: "Version of the payload." },
    occurredAt: { ...text, format: "date-time", description: "Time of the event." },
    position: { type: ["integer", "null"], description: "Position in the order of all events of the tenant, without gaps." },
    subjectType: { ...text, description: "Type of the object that the event is about." },
    subjectId: { ...text, description: "Object that the event is about." },
    subjectVersion: { type: "integer", description: "Version of the object after the event." },
    related: { type: "object", additionalProperties: text, description: "IDs of further objects that the event concerns, by type." },
    correlationId: { ...text, description: "ID of the request that caused the event." },
    causeId: { type: ["string", "null"], description: "Event that caused this one." },
    payload: { type: "object", description: "Facts of the event." },
  },
};

/** Generates `docs/reference/events/asyncapi.json`, an AsyncAPI 3.0 document of all types that users can see. */
export function asyncApiDocument(): string {
  const documented = documentedEvents();
  const messages = Object.fromEntries(documented.map((event) => [event.type, messageOf(event)]));
  const references = Object.fromEntries(documented.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }]));
  const document = {
    asyncapi: "3.0.0",
    info: {
      title: "Events of Weft",
      version: "1",
      description:
        "What happens in a tenant, in order. Types that tenants declare are not part of this document; the query `eventTypes` lists them.",
      license: { name: "Apache 2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    defaultContentType: "application/json",
    channels: { events: { address: "events", description: "All events of a tenant.", messages: references } },
    operations: {
      sendEvent: { action: "send", channel: { $ref: "#/channels/events" }, summary: "Weft sends an event when something has happened." },
    },
    components: { schemas: { event: envelope }, messages },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function messageOf({ type, version, description, subject, isAboutAny, payload }: DocumentedEvent): object {
  const facts = {
    type: { type: "string", const: type },
    typeVersion: { type: "integer", const: version },
    ...(!isAboutAny && { subjectType: { type: "string", const: subject } }),
    payload,
  };
  // A custom event is shown under its own name, version and payload.
  const own = type === "custom.published" ? {} : { properties: facts };
  return {
    name: type,
    title: type,
    summary: description,
    contentType: "application/json",
    payload: { allOf: [{ $ref: "#/components/schemas/event" }, { type: "object", ...own }] },
  };
}
