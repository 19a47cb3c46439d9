import {
  Allow,
  allOf,
  canInTenant,
  connectionOf,
  DateTimeScalar,
  encodeId,
  encodeIdOrNull,
  type IdType,
  JsonScalar,
  SafeIntScalar,
  publishedEvent,
  staff,
} from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";
import type { EventRow } from "./event.store.js";

/** Users of the organization who can read the whole log. Users of a vendor never can. */
export const readsEvents = allOf(staff, canInTenant("event.read"));

@ObjectType({
  description:
    "Something that happened. It is written in the transaction that caused it, and never changed. It is deleted after the time that `retention.eventDays` of the configuration says.",
})
@Allow(readsEvents)
export class Event {
  @Field(() => ID, { description: "ID (`evt_…`)." })
  id!: string;

  @Field(() => String, { description: "Type, one of `eventTypes`." })
  type!: string;

  @Field(() => Int, { description: "Version of the payload, incremented on incompatible changes of the type." })
  typeVersion!: number;

  @Field(() => String, { nullable: true, description: "Name that the definition emits. Null for types other than `workflow.emitted`." })
  name!: string | null;

  @Field(() => DateTimeScalar, { description: "Time of the event. In a sandbox, the time of its clock." })
  occurredAt!: string;

  @Field(() => SafeIntScalar, {
    nullable: true,
    description: "Position in the order of all events of the tenant, without gaps. Null until it is assigned, after about a second.",
  })
  position!: number | null;

  @Field(() => String, { description: "Type of the object that the event is about, for example `request`." })
  subjectType!: string;

  @Field(() => ID, { description: "Object that the event is about." })
  subjectId!: string;

  @Field(() => Int, {
    description:
      "Version of the object after the event. It defines the order of the object's events. 0 for a custom event about an object, which it does not change.",
  })
  subjectVersion!: number;

  @Field(() => JsonScalar, { description: "IDs of further objects that the event concerns, by type." })
  related!: unknown;

  @Field(() => String, { description: "ID of the request that caused the event, as in the log and the audit log." })
  correlationId!: string;

  @Field(() => ID, { nullable: true, description: "Event that caused this one (`evt_…`). Null if a user caused it." })
  causeId!: string | null;

  @Field(() => JsonScalar, { description: "Facts of the event, as `payloadSchema` of its type describes." })
  payload!: unknown;

  /** UUIDs, for field resolvers. */
  actorUuid!: string;
  onBehalfOfUuid!: string | null;
  subjectUuid!: string;
}

export const { Connection: EventConnection } = connectionOf(Event, "Event");

/** Converts a row to its API type. A custom event has the type, the version and the payload that its tenant has declared. */
export function toEvent(row: EventRow): Event {
  const { type, typeVersion, event, payload } = publishedEvent(row);
  const name = payload["name"];
  return Object.assign(new Event(), {
    id: encodeId("event", row.id),
    type,
    typeVersion,
    name: row.type === "workflow.emitted" && typeof name === "string" ? name : null,
    occurredAt: row.occurredAt,
    position: row.position,
    subjectType: row.subjectType,
    subjectId: encodeId(row.subjectType as IdType, row.subjectId),
    subjectVersion: row.subjectVersion,
    related: event["related"],
    correlationId: row.requestId,
    causeId: encodeIdOrNull("event", row.causeId),
    payload,
    actorUuid: row.actorId,
    onBehalfOfUuid: row.onBehalfOf,
    subjectUuid: row.subjectId,
  });
}
