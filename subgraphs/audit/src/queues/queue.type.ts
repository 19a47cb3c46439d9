import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
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

const countColumns = columns({
  waiting: column.int(`Number of items that wait or are in progress. ${bounded}`),
  oldestWaitingSince: column.time("Time at which the first of the items that are due became due. Null if none is due.", { nullable: true }),
  succeededInLastHour: column.int(`Number of items that succeeded in the last hour. ${bounded}`),
  failedInLastHour: column.int(`Number of items that failed for good in the last hour. ${bounded}`),
});

const deliveryQueueColumns = columns({
  channel: column.of(() => DeliveryChannel, "Channel."),
  ...countColumns.map,
  isPaused: column.flag("Whether `pauseDeliveries` paused the channel."),
  pauseReason: column.text("Why the channel is paused. Null if it is not.", { nullable: true }),
  pausedAt: column.time("Start of the pause. Null if the channel is not paused.", { nullable: true }),
});

@ShowColumns(deliveryQueueColumns)
@ObjectType({ description: "What waits in a channel, and what ended in the last hour." })
@Allow(canInTenant("configuration.read"))
export class DeliveryQueue extends shapeOf(deliveryQueueColumns) {
  /** For field resolvers. */
  pausedByUuid!: string | null;
}

@ShowColumns(countColumns)
@ObjectType({ description: "What waits for a webhook, and what ended in the last hour." })
@Allow(inherit)
export class WebhookQueue extends shapeOf(countColumns) {}

const counts = ({ waiting, oldestWaitingSince, succeeded, failed }: QueueRow) => ({
  waiting,
  oldestWaitingSince,
  succeededInLastHour: succeeded,
  failedInLastHour: failed,
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
