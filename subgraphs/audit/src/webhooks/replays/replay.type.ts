import { encodeId } from "@weft/shared/ids";
import { replayProgress } from "@weft/platform/events";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import type { ReplayRow } from "./replay.store.js";

export enum EventReplayStatus {
  RUNNING = "RUNNING",
  COMPLETED = "COMPLETED",
  LIMIT_REACHED = "LIMIT_REACHED",
  STOPPED = "STOPPED",
}
registerEnumType(EventReplayStatus, {
  name: "EventReplayStatus",
  description: "Status of a replay of past events.",
  valuesConfig: {
    RUNNING: { description: "A worker is queuing deliveries." },
    COMPLETED: { description: "All events of the period are queued." },
    LIMIT_REACHED: { description: "100,000 deliveries are queued. Replay the rest of the period, from `reachedAt` on." },
    STOPPED: { description: "The webhook was disabled." },
  },
});

const eventReplayColumns = columns({
  webhookId: column.id("ID of the webhook (`whk_…`).", { shown: false }),
  ...column.shownOnly({ id: column.id("ID (`evr_…`).") }),
  from: column.time("Start of the period.", {
    created:
      "Start of the period in which the events occurred. If deliveries have been deleted since the webhook was created, after the last of them: it is not known what the webhook received before. Also not before the events that were deleted because of `retention.eventDays`.",
  }),
  to: column.time("End of the period.", { created: "End of the period, at most 92 days after its start." }),
  types: column.texts("Types of the events. Null for all types that the webhook receives.", {
    created: "Types of the events, at most 200. If null, all types that the webhook receives.",
    nullable: true,
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    status: column.of(() => EventReplayStatus, "Current status."),
    progress: column.float("Share of the events that were examined, from 0 to 1."),
    queuedCount: column.int("Number of deliveries that were queued."),
    reachedAt: column.time("Time of the last event that the webhook receives. Null if there was none so far.", { nullable: true }),
    createdAt: column.time("Creation time."),
    finishedAt: column.time("End time. Null while it is running.", { nullable: true }),
  }),
});

@ShowColumns(eventReplayColumns)
@ObjectType({ description: "A replay: past events that a webhook never received are queued for it, in the background." })
@Allow(canInTenant("webhook.read"))
export class EventReplay extends shapeOf(eventReplayColumns) {
  /** UUIDs, for field resolvers. */
  webhookUuid!: string;
  createdByUuid!: string;
}

export const ReplayEventsInput = createInputOf("ReplayEventsInput", eventReplayColumns, "The past events to replay.");
export type ReplayEventsInput = InstanceType<typeof ReplayEventsInput>;

export function toReplay(row: ReplayRow): EventReplay {
  return Object.assign(new EventReplay(), eventReplayColumns.shown(row), {
    id: encodeId("eventReplay", row.id),
    from: row.fromAt,
    to: row.toAt,
    types: row.eventTypes,
    status: row.status as EventReplayStatus,
    progress: replayProgress(row),
    webhookUuid: row.webhookId,
    createdByUuid: row.createdBy,
  });
}

export const EventReplayPayload = payloadOf(EventReplay, "replay");
export type EventReplayPayload = InstanceType<typeof EventReplayPayload>;
