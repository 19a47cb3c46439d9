import { Allow, canInTenant, DateTimeScalar, inherit, payloadOf } from "@weft/shared";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { type ChannelQueueRow, MAX_COUNTED, type QueueRow } from "./queue.js";

export const DeliveryChannel = { WEBHOOK: "WEBHOOK", NOTIFICATION: "NOTIFICATION", CALL: "CALL", INBOUND: "INBOUND" } as const;
export type DeliveryChannel = keyof typeof DeliveryChannel;
registerEnumType(DeliveryChannel, {
  name: "DeliveryChannel",
  description: "Channel through which Weft exchanges messages with other systems and people.",
  valuesConfig: {
    WEBHOOK: { description: "Deliveries of events to webhooks." },
    NOTIFICATION: { description: "Notifications outside the app, such as emails." },
    CALL: { description: "Calls of integrations." },
    INBOUND: { description: "Messages of inbound webhooks." },
  },
});

const bounded = `Counted up to ${MAX_COUNTED.toLocaleString("en")}.`;
const waiting = `Number of items that wait or are in progress. ${bounded}`;
const since = "Time at which the first of the items that are due became due. Null if none is due.";
const succeeded = `Number of items that succeeded in the last hour. ${bounded}`;
const failed = `Number of items that failed for good in the last hour. ${bounded}`;

@ObjectType({ description: "What waits in a channel, and what ended in the last hour." })
@Allow(canInTenant("configuration.read"))
export class DeliveryQueue {
  @Field(() => DeliveryChannel, { description: "Channel." })
  channel!: DeliveryChannel;

  @Field(() => Int, { description: waiting })
  waiting!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: since })
  oldestWaitingSince!: string | null;

  @Field(() => Int, { description: succeeded })
  succeededInLastHour!: number;

  @Field(() => Int, { description: failed })
  failedInLastHour!: number;

  @Field(() => Boolean, { description: "Whether `pauseDeliveries` paused the channel." })
  isPaused!: boolean;

  @Field(() => String, { nullable: true, description: "Why the channel is paused. Null if it is not." })
  pauseReason!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Start of the pause. Null if the channel is not paused." })
  pausedAt!: string | null;

  /** For field resolvers. */
  pausedByUuid!: string | null;
}

@ObjectType({ description: "What waits for a webhook, and what ended in the last hour." })
@Allow(inherit)
export class WebhookQueue {
  @Field(() => Int, { description: waiting })
  waiting!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: since })
  oldestWaitingSince!: string | null;

  @Field(() => Int, { description: succeeded })
  succeededInLastHour!: number;

  @Field(() => Int, { description: failed })
  failedInLastHour!: number;
}

const counts = ({ waiting: count, oldestWaitingSince, succeeded: ended, failed: refused }: QueueRow) => ({
  waiting: count,
  oldestWaitingSince,
  succeededInLastHour: ended,
  failedInLastHour: refused,
});

/** Converts a row to its API type. */
export const toDeliveryQueue = (row: ChannelQueueRow): DeliveryQueue =>
  Object.assign(new DeliveryQueue(), {
    ...counts(row),
    channel: row.channel as DeliveryChannel,
    isPaused: row.pause !== null,
    pauseReason: row.pause?.reason ?? null,
    pausedAt: row.pause?.pausedAt ?? null,
    pausedByUuid: row.pause?.pausedBy ?? null,
  });

/** Converts a row to its API type. */
export const toWebhookQueue = (row: QueueRow): WebhookQueue => Object.assign(new WebhookQueue(), counts(row));

export const DeliveryQueuePayload = payloadOf(DeliveryQueue, "queue");
export type DeliveryQueuePayload = InstanceType<typeof DeliveryQueuePayload>;
