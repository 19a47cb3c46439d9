import { Allow, canInTenant, DateTimeScalar, encodeId, replayProgress, payloadOf } from "@weft/shared";
import { Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "A replay: past events that a webhook never received are queued for it, in the background." })
@Allow(canInTenant("webhook.read"))
export class EventReplay {
  @Field(() => ID, { description: "ID (`evr_…`)." })
  id!: string;

  @Field(() => DateTimeScalar, { description: "Start of the period." })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period." })
  to!: string;

  @Field(() => [String], { nullable: true, description: "Types of the events. Null for all types that the webhook receives." })
  types!: readonly string[] | null;

  @Field(() => EventReplayStatus, { description: "Current status." })
  status!: EventReplayStatus;

  @Field(() => Float, { description: "Share of the events that were examined, from 0 to 1." })
  progress!: number;

  @Field(() => Int, { description: "Number of deliveries that were queued." })
  queuedCount!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time of the last event that the webhook receives. Null if there was none so far.",
  })
  reachedAt!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "End time. Null while it is running." })
  finishedAt!: string | null;

  /** UUIDs, for field resolvers. */
  webhookUuid!: string;
  createdByUuid!: string;
}

export function toReplay(row: ReplayRow): EventReplay {
  const { queuedCount, reachedAt, createdAt, finishedAt } = row;
  return Object.assign(new EventReplay(), {
    id: encodeId("eventReplay", row.id),
    from: row.fromAt,
    to: row.toAt,
    types: row.eventTypes,
    status: row.status as EventReplayStatus,
    progress: replayProgress(row),
    queuedCount,
    reachedAt,
    createdAt,
    finishedAt,
    webhookUuid: row.webhookId,
    createdByUuid: row.createdBy,
  });
}

export const EventReplayPayload = payloadOf(EventReplay, "replay");
export type EventReplayPayload = InstanceType<typeof EventReplayPayload>;
