import { publishedEvent } from "@weft/shared/event-catalog";
import { encodeId, encodeIdOrNull, type IdType } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { allOf, Allow, canInTenant, staff } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import type { EventRow } from "./event.store.js";

/** Users of the organization who can read the whole log. Users of a vendor never can. */
export const readsEvents = allOf(staff, canInTenant("event.read"));

const eventColumns = columns({
  id: column.id("ID (`evt_…`)."),
  type: column.text("Type, one of `eventTypes`."),
  typeVersion: column.int("Version of the payload, incremented on incompatible changes of the type."),
  name: column.text("Name that the definition emits. Null for types other than `workflow.emitted`.", { nullable: true }),
  occurredAt: column.time("Time of the event. In a sandbox, the time of its clock."),
  position: column.safeInt(
    "Position in the order of all events of the tenant, without gaps. Null until it is assigned, after about a second.",
    { nullable: true },
  ),
  subjectType: column.text("Type of the object that the event is about, for example `request`."),
  subjectId: column.id("Object that the event is about."),
  subjectVersion: column.int(
    "Version of the object after the event. It defines the order of the object's events. 0 for a custom event about an object, which it does not change.",
  ),
  related: column.json("IDs of further objects that the event concerns, by type."),
  correlationId: column.text("ID of the request that caused the event, as in the log and the audit log."),
  causeId: column.id("Event that caused this one (`evt_…`). Null if a user caused it.", { nullable: true }),
  payload: column.json("Facts of the event, as `payloadSchema` of its type describes."),
});

@ShowColumns(eventColumns)
@ObjectType({
  description:
    "Something that happened. It is written in the transaction that caused it, and never changed. It is deleted after the time that `retention.eventDays` of the configuration says.",
})
@Allow(readsEvents)
export class Event extends shapeOf(eventColumns) {
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
  return Object.assign(new Event(), eventColumns.shown(row), {
    id: encodeId("event", row.id),
    type,
    typeVersion,
    name: row.type === "workflow.emitted" && typeof name === "string" ? name : null,
    subjectId: encodeId(row.subjectType as IdType, row.subjectId),
    related: event["related"],
    correlationId: row.requestId,
    causeId: encodeIdOrNull("event", row.causeId),
    payload,
    actorUuid: row.actorId,
    onBehalfOfUuid: row.onBehalfOf,
    subjectUuid: row.subjectId,
  });
}
