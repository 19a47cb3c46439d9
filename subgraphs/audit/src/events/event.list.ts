import { events } from "@weft/drizzle";
import { subjectTypes } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { anyIdField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { countEvents, type EventRow, selectEventPage, shownType } from "./event.store.js";
import { type Event, toEvent } from "./event.type.js";

const { eventLog } = events;

export const EventFilter = filterInput("EventFilter", {
  type: textField(shownType, "Type, one of `eventTypes`."),
  subjectId: anyIdField(Object.fromEntries(subjectTypes.map((type) => [type, eventLog.subjectId])), "Object that the event is about."),
  actorId: idField("user", eventLog.actorId, "Actor."),
  occurredAt: timeField(eventLog.occurredAt, "Time of the event. Combine it with a type, a subject or an actor in a large log."),
  correlationId: textField(
    eventLog.requestId,
    "ID of the request that caused the event. Combine it with a type, a subject or an actor in a large log.",
  ),
});

export const EventOrder = orderByInput<EventRow, "ID">("EventOrder", {
  ID: { column: eventLog.id, valueOf: (row) => row.id, description: "ID, which increases with the time at which an event is written." },
});

interface ListOptions {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
}

/** Returns a page of the tenant's events, newest first by default. */
export function listEvents(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Event>> {
  const where = EventFilter.toSql(filter);
  return keysetPage<EventRow, Event>(ctx, {
    args: page,
    list: "events",
    orderBy: EventOrder.resolve(orderBy, ["ID", "DESC"]),
    id: { column: eventLog.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectEventPage(tx, where, slice)),
    count: () => ctx.read((tx) => countEvents(tx, where)),
    toNode: toEvent,
  });
}
