import { encodeId, encodeIdOrNull } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { allOf, Allow, canInTenant, staff } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import type { ParkedRow } from "./parked-event.store.js";

export const ParkedEventStatus = { PARKED: "PARKED", RETRY: "RETRY", SKIPPED: "SKIPPED", DONE: "DONE" } as const;
export type ParkedEventStatus = keyof typeof ParkedEventStatus;

registerEnumType(ParkedEventStatus, {
  name: "ParkedEventStatus",
  description: "What happens to a parked event.",
  valuesConfig: {
    PARKED: { description: "It waits for a decision." },
    RETRY: { description: "It is handled again soon." },
    SKIPPED: { description: "It is not handled." },
    DONE: { description: "It was handled after a retry." },
  },
});

/** Users of the organization who decide on parked events. */
export const retriesEvents = allOf(staff, canInTenant("event.retry"));

const parkedEventColumns = columns({
  id: column.id("ID (`pke_…`)."),
  consumer: column.text("Background process that could not handle the event, for example `notifications`."),
  eventId: column.id("ID of the event (`evt_…`)."),
  status: column.of(() => ParkedEventStatus, "What happens to it."),
  attempts: column.int("Number of attempts, since the last retry was requested."),
  parkedAt: column.time("Time at which it was parked."),
  instanceId: column.id(
    "Workflow instance that the event is about (`wfi_…`). While the instance has an open incident, resolve the incident instead.",
    { nullable: true },
  ),
});

@ShowColumns(parkedEventColumns)
@ObjectType({
  description: "An event that a background process could not handle after several attempts. The process continues without it.",
})
@Allow(retriesEvents)
export class ParkedEvent extends shapeOf(parkedEventColumns) {
  /** UUID, for field resolvers. */
  eventUuid!: string;
}

export const { Connection: ParkedEventConnection } = connectionOf(ParkedEvent, "ParkedEvent");

/** Converts a row to its API type. */
export function toParkedEvent(row: ParkedRow): ParkedEvent {
  return Object.assign(new ParkedEvent(), parkedEventColumns.shown(row), {
    id: encodeId("parkedEvent", row.id),
    eventId: encodeId("event", row.eventId),
    status: row.status as ParkedEventStatus,
    instanceId: encodeIdOrNull("instance", row.instanceId),
    eventUuid: row.eventId,
  });
}
