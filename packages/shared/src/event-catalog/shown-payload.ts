/** Payloads as users see them in triggers: with TypeIDs instead of UUIDs, and with a JSON Schema. */
import { z } from "zod";
import { encodeId, isIdType, type IdType } from "../ids/type-ids.js";
import type { EventEnvelope } from "./envelope.js";
import { eventTypes, isEventType, type EventType } from "./registry.js";

type JsonObject = Readonly<Record<string, unknown>>;

/** IDs whose fields are not named after their type. */
const idFields: Readonly<Record<string, IdType>> = {
  assigneeId: "user",
  askedId: "user",
  createdBy: "user",
  ownerId: "user",
  mentionedIds: "user",
  candidateUserIds: "user",
  candidateTeamIds: "team",
  candidateVendorIds: "vendor",
};

const principalTypes: Readonly<Record<string, IdType>> = { USER: "user", TEAM: "team", VENDOR: "vendor" };

function idTypeOf(field: string): IdType | null {
  const known = Object.hasOwn(idFields, field) ? idFields[field] : undefined;
  if (known) return known;
  const named = /^(.+)Ids?$/.exec(field)?.[1];
  return isIdType(named) ? named : null;
}

/** Types of events that triggers can react to: those about objects, except about triggers themselves. */
export const triggeringTypes: readonly EventType[] = Object.values(eventTypes)
  .filter(({ type, visibility }) => visibility === "subject" && !type.startsWith("trigger."))
  .map(({ type }) => type);

/** Types of events that webhooks can receive: those about objects, except about webhooks themselves. */
export const deliverableTypes: readonly EventType[] = Object.values(eventTypes)
  .filter(({ type, visibility }) => visibility === "subject" && !type.startsWith("webhook."))
  .map(({ type }) => type);

/** Returns an event as the conditions and values of triggers read it: `event` and `payload`. */
export function shownEvent(event: Omit<EventEnvelope, "position" | "tenantId" | "requestId" | "traceId">): {
  readonly event: JsonObject;
  readonly payload: JsonObject;
} {
  const { id, type, subjectType, subjectId, subjectVersion, related, actorId, onBehalfOf, occurredAt } = event;
  const shown = (of: string, uuid: string): string => (isIdType(of) ? encodeId(of, uuid) : uuid);
  return {
    event: {
      id: encodeId("event", id),
      type,
      occurredAt,
      actorId: encodeId("user", actorId),
      onBehalfOf: onBehalfOf && encodeId("user", onBehalfOf),
      subject: { type: subjectType, id: shown(subjectType, subjectId), version: subjectVersion },
      related: Object.fromEntries(Object.entries(related).map(([of, uuid]) => [of, shown(of, uuid)])),
    },
    payload: shownPayload(type, event.payload),
  };
}

/**
 * Returns an event as the API and webhooks show it. Unlike `shownEvent`, a custom event has the type, the version and the payload that its tenant has
 * declared.
 */
export function publishedEvent(event: Parameters<typeof shownEvent>[0]): {
  readonly type: string;
  readonly typeVersion: number;
  readonly event: JsonObject;
  readonly payload: JsonObject;
} {
  const shown = shownEvent(event);
  if (event.type !== "custom.published") return { type: event.type, typeVersion: event.typeVersion, ...shown };
  const { name, version, payload } = shown.payload as { name: string; version: number; payload: JsonObject };
  return { type: name, typeVersion: version, event: { ...shown.event, type: name }, payload };
}

function shownPayload(type: string, payload: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => {
      // The definition or the tenant decides what it contains: IDs in it are already TypeIDs.
      if ((type === "workflow.emitted" || type === "custom.published") && name === "payload") return [name, value];
      return [name, shownValue(name, value)];
    }),
  );
}

function shownValue(name: string, value: unknown): unknown {
  const idType = idTypeOf(name);
  if (Array.isArray(value)) return idType ? value.map((one) => encodeId(idType, String(one))) : value;
  if (typeof value === "string") return idType ? encodeId(idType, value) : value;
  if (typeof value !== "object" || value === null) return value;
  const { type, id, ...more } = value as { type?: unknown; id?: unknown };
  const principal = typeof type === "string" ? principalTypes[type] : undefined;
  return principal && typeof id === "string" ? { type, id: encodeId(principal, id), ...more } : value;
}

/** Returns the JSON Schema of an event's payload as triggers read it. Its keywords are those that definitions support. */
export function payloadSchemaOf(type: EventType): JsonObject {
  return supported(z.toJSONSchema(eventTypes[type].payload) as JsonObject);
}

/** Returns the JSON Schema of the object `event` that the triggers of a type read. */
export function eventSchemaOf(type: EventType): JsonObject {
  const { subject, related, isAboutAny = false } = eventTypes[type];
  const text = { type: "string" };
  return closed({
    id: text,
    type: { type: "string", const: type },
    occurredAt: text,
    actorId: text,
    onBehalfOf: { type: ["string", "null"] },
    subject: closed({ type: isAboutAny ? text : { type: "string", const: subject }, id: text, version: { type: "integer" } }),
    related: closed(Object.fromEntries(related.map((one) => [one, text]))),
  });
}

const closed = (properties: JsonObject): JsonObject => ({ type: "object", properties, additionalProperties: false });

const COPIED = ["enum", "const", "required"] as const;

/** Keeps the types and the structure. Recursive parts can be anything. */
function supported(schema: JsonObject): JsonObject {
  const options = schema["anyOf"];
  if (Array.isArray(options)) return merged((options as JsonObject[]).map(supported));
  const { type, properties, items, additionalProperties: more } = schema;
  if (type === undefined && schema["const"] === undefined && schema["enum"] === undefined) return {};
  return {
    ...(type !== undefined && { type }),
    ...Object.fromEntries(COPIED.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]])),
    ...(isObject(properties) && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, supported(one as JsonObject)])),
    }),
    ...(isObject(items) && { items: supported(items) }),
    ...(more !== undefined && { additionalProperties: isObject(more) ? supported(more) : more }),
  };
}

/** Alternatives are a type and null in all events. Others can be anything. */
function merged(options: readonly JsonObject[]): JsonObject {
  const [one, ...others] = options.filter(({ type }) => type !== "null");
  if (!one || others.length > 0 || typeof one["type"] !== "string") return {};
  if (one["enum"] !== undefined) return { ...one, type: [one["type"], "null"], enum: [...(one["enum"] as unknown[]), null] };
  return { ...one, type: [one["type"], "null"] };
}

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns whether triggers can react to events of that name. */
export const isTriggering = (type: string): type is EventType => isEventType(type) && triggeringTypes.includes(type);
