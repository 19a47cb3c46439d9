import {
  Allow,
  anyOf,
  canInTenant,
  concernsInstances,
  describeEventType,
  encodeId,
  type EventType,
  eventSchemaOf,
  eventTypes,
  isTriggering,
  JsonScalar,
  payloadSchemaOf,
  payloadOf,
} from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";
import type { CustomTypeRow } from "./event-type.store.js";

/** Users who read events, write triggers for them, or publish them. */
export const readsEventTypes = anyOf(canInTenant("trigger.read"), canInTenant("event.publish"), canInTenant("event.read"));

@ObjectType({ description: "A type of events." })
@Allow(readsEventTypes)
export class TriggeringEventType {
  @Field(() => ID, { nullable: true, description: "ID (`ety_…`) of a declared type. Null for types of Weft." })
  id!: string | null;

  @Field(() => String, { description: "Name of the type." })
  type!: string;

  @Field(() => String, { description: "What the events say." })
  description!: string;

  @Field(() => Int, { description: "Version of the payload, incremented on incompatible changes." })
  typeVersion!: number;

  @Field(() => Boolean, { description: "Whether your organization has declared the type." })
  isCustom!: boolean;

  @Field(() => Boolean, {
    description: "Whether triggers can react to events of the type. Pass `type` as the event type of the trigger, also for declared types.",
  })
  isTriggering!: boolean;

  @Field(() => String, { description: "Type of the objects that the events are about. Custom events can be about objects of other types." })
  subject!: string;

  @Field(() => [String], { description: "Types of the further objects that an event can reference, as `event.related.TYPE`." })
  related!: string[];

  @Field(() => Boolean, { description: "Whether the events concern instances, so that the correlation SUBJECT is possible." })
  hasInstance!: boolean;

  @Field(() => JsonScalar, { description: "JSON Schema of `payload`. IDs are as in the API." })
  payloadSchema!: unknown;

  @Field(() => JsonScalar, { description: "JSON Schema of `event`." })
  eventSchema!: unknown;

  @Field(() => Int, {
    nullable: true,
    description: "Version number of a declared type, incremented on every change. Null for types of Weft.",
  })
  version!: number | null;
}

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
  return Object.assign(ofWeft("custom.published"), {
    id: encodeId("eventType", row.id),
    type: row.name,
    description: row.description,
    typeVersion: row.typeVersion,
    isCustom: true,
    payloadSchema: row.payloadSchema,
    version: row.version,
  });
}

export const TriggeringEventTypePayload = payloadOf(TriggeringEventType, "eventType", "type of events");
export type TriggeringEventTypePayload = InstanceType<typeof TriggeringEventTypePayload>;
