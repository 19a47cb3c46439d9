import {
  concernsInstances,
  describeEventType,
  eventSchemaOf,
  type EventType,
  eventTypes,
  isTriggering,
  payloadSchemaOf,
} from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, anyOf, canInTenant } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import type { CustomTypeRow } from "./event-type.store.js";

/** Users who read events, write triggers for them, or publish them. */
export const readsEventTypes = anyOf(canInTenant("trigger.read"), canInTenant("event.publish"), canInTenant("event.read"));

export const eventTypeColumns = columns({
  name: column.text("Name.", {
    max: 100,
    shown: false,
    created: "Name: `custom.` and words of small letters, digits and `_`, separated by dots. For example `custom.order.paid`.",
    updated: false,
  }),
  id: column.id("ID (`ety_…`) of a declared type. Null for types of Weft.", {
    created: false,
    updated: "ID of the type (`ety_…`).",
    requiredInUpdate: true,
    isKey: true,
    shownNullable: true,
  }),
  ...column.shownOnly({ type: column.text("Name of the type.") }),
  description: column.text("What the events say.", { max: 1000, hasLines: true, created: "What the events say, up to 1,000 characters." }),
  ...column.shownOnly({
    typeVersion: column.int("Version of the payload, incremented on incompatible changes."),
    isCustom: column.flag("Whether your organization has declared the type."),
    isTriggering: column.flag(
      "Whether triggers can react to events of the type. Pass `type` as the event type of the trigger, also for declared types.",
    ),
    subject: column.text("Type of the objects that the events are about. Custom events can be about objects of other types."),
    related: column.texts("Types of the further objects that an event can reference, as `event.related.TYPE`."),
    hasInstance: column.flag("Whether the events concern instances, so that the correlation SUBJECT is possible."),
  }),
  payloadSchema: column.json("JSON Schema of `payload`. IDs are as in the API.", {
    created: "JSON Schema of the payload, with the keywords that definitions support.",
    updated: "JSON Schema of the payload. Optional properties and descriptions can change at any time; other changes need a new version.",
  }),
  isNewVersion: column.flag("Whether the schema can be incompatible. Then `typeVersion` is incremented.", {
    shown: false,
    created: false,
    isKey: true,
  }),
  expectedVersion: column.int("Version that you have read. If it has changed since, the call fails with CONFLICT.", {
    shown: false,
    created: false,
    isKey: true,
  }),
  idempotencyKey: column.text("Repeating the call with the same key declares nothing further.", {
    shown: false,
    updated: false,
    nullable: true,
  }),
  ...column.shownOnly({
    eventSchema: column.json("JSON Schema of `event`."),
    version: column.int("Version number of a declared type, incremented on every change. Null for types of Weft.", { nullable: true }),
  }),
});

@ShowColumns(eventTypeColumns)
@ObjectType({ description: "A type of events." })
@Allow(readsEventTypes)
export class TriggeringEventType extends shapeOf(eventTypeColumns) {}

export const DeclareEventTypeInput = createInputOf(
  "DeclareEventTypeInput",
  eventTypeColumns,
  "Input for declaring a type of custom events.",
);
export type DeclareEventTypeInput = InstanceType<typeof DeclareEventTypeInput>;

export const UpdateEventTypeInput = updateInputOf(
  "UpdateEventTypeInput",
  eventTypeColumns,
  "Input for changing a type of custom events. Absent fields stay as they are.",
);
export type UpdateEventTypeInput = InstanceType<typeof UpdateEventTypeInput>;

/** Returns the API type of one of Weft's types. */
export function ofWeft(type: EventType): TriggeringEventType {
  const { subject, related, version } = eventTypes[type];
  return Object.assign(new TriggeringEventType(), {
    id: null,
    type,
    description: describeEventType(type),
    typeVersion: version,
    isCustom: false,
    isTriggering: isTriggering(type),
    subject,
    related: [...related],
    hasInstance: concernsInstances(type),
    payloadSchema: payloadSchemaOf(type),
    eventSchema: eventSchemaOf(type),
    version: null,
  });
}

/** Returns the API type of a declared type. */
export function toEventType(row: CustomTypeRow): TriggeringEventType {
  return Object.assign(ofWeft("custom.published"), eventTypeColumns.shown(row), {
    id: encodeId("eventType", row.id),
    type: row.name,
    isCustom: true,
  });
}

export const TriggeringEventTypePayload = payloadOf(TriggeringEventType, "eventType", "type of events");
export type TriggeringEventTypePayload = InstanceType<typeof TriggeringEventTypePayload>;
