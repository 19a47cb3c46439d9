import { events } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { countParked, type ParkedRow, selectParkedPage } from "./parked-event.store.js";
import { type ParkedEvent, ParkedEventStatus, toParkedEvent } from "./parked-event.type.js";

const { parked } = events;

export const ParkedEventFilter = filterInput("ParkedEventFilter", {
  consumer: textField(parked.consumer, "Background process."),
  status: enumField("ParkedEventStatus", ParkedEventStatus, parked.status, "What happens to it."),
  eventId: idField("event", parked.eventId, "Event."),
  instanceId: idField("instance", parked.instanceId, "Workflow instance that the event is about."),
  parkedAt: timeField(parked.parkedAt, "Time at which it was parked."),
});

export const ParkedEventOrder = orderByInput<ParkedRow, "PARKED_AT">("ParkedEventOrder", {
  PARKED_AT: { column: parked.parkedAt, valueOf: (row) => row.parkedAt },
});

interface ListOptions {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
}

/** Returns a page of the tenant's parked events, newest first by default. */
export function listParkedEvents(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<ParkedEvent>> {
  const where = ParkedEventFilter.toSql(filter);
  return keysetPage<ParkedRow, ParkedEvent>(ctx, {
    args: page,
    list: "parkedEvents",
    orderBy: ParkedEventOrder.resolve(orderBy, ["PARKED_AT", "DESC"]),
    id: { column: parked.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectParkedPage(tx, where, slice)),
    count: () => ctx.read((tx) => countParked(tx, where)),
    toNode: toParkedEvent,
  });
}
