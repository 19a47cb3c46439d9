import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, inherit, JsonScalar, type Viewer, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { AttemptRow, DeliveryRow } from "./delivery.store.js";

export enum WebhookDeliveryStatus {
  PENDING = "PENDING",
  DELIVERED = "DELIVERED",
  FAILED = "FAILED",
  CANCELLED = "CANCELLED",
}
registerEnumType(WebhookDeliveryStatus, {
  name: "WebhookDeliveryStatus",
  description: "Status of a delivery to a webhook.",
  valuesConfig: {
    PENDING: { description: "Waits for its first or next attempt." },
    DELIVERED: { description: "The endpoint answered with a status from 200 to 299." },
    FAILED: { description: "All attempts failed." },
    CANCELLED: { description: "The webhook was disabled, or the delivery was discarded, before it could be delivered." },
  },
});

const hiddenFrom =
  "Null if the request had a payload that a query selected with the rights of another user, because the response can repeat it.";

@ObjectType({ description: "An attempt to deliver an event, with the request and the response." })
@Allow(inherit)
export class WebhookAttempt {
  @Field(() => Int, { description: "Number of the attempt, from 1. A number occurs twice if a worker ended during the attempt." })
  number!: number;

  @Field(() => DateTimeScalar, { description: "Start time." })
  startedAt!: string;

  @Field(() => Int, { description: "Duration in milliseconds." })
  latencyMs!: number;

  @Field(() => JsonScalar, { description: "Headers of the request by name. Values of custom headers are masked." })
  requestHeaders!: unknown;

  @Field(() => Int, { nullable: true, description: "HTTP status of the response. Null if there was none." })
  responseStatus!: number | null;

  @Field(() => JsonScalar, { nullable: true, description: `Headers of the response by name, bounded. ${hiddenFrom}` })
  responseHeaders!: unknown;

  @Field(() => String, { nullable: true, description: `The first 16 KiB of the response. ${hiddenFrom}` })
  responseBody!: string | null;

  @Field(() => Boolean, { description: "Whether the response was longer than what is kept." })
  isTruncated!: boolean;

  @Field(() => String, { nullable: true, description: "Why the attempt failed. Null if it succeeded." })
  error!: string | null;
}

@ObjectType({ description: "The delivery of an event to a webhook." })
@Allow(canInTenant("webhook.read"))
export class WebhookDelivery {
  @Field(() => ID, { description: "ID (`whd_…`)." })
  id!: string;

  @Field(() => String, {
    description: "Value of the header `webhook-id`: the same in all attempts and repetitions, so that receivers can ignore duplicates.",
  })
  messageId!: string;

  @Field(() => ID, { nullable: true, description: "ID of the event (`evt_…`). Null for a test." })
  eventId!: string | null;

  @Field(() => String, { description: "Type of the event. `webhook.test` for a test." })
  eventType!: string;

  @Field(() => ID, { nullable: true, description: "ID of the first delivery of the event, if this one repeats it (`whd_…`)." })
  repeatsId!: string | null;

  @Field(() => WebhookDeliveryStatus, { description: "Current status." })
  status!: WebhookDeliveryStatus;

  @Field(() => Int, { description: "Number of attempts, including the one in progress." })
  attemptCount!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Earliest time of the next attempt. Null if there is none." })
  nextAttemptAt!: string | null;

  @Field(() => Int, { nullable: true, description: "HTTP status of the last response. Null if there was none." })
  lastStatus!: number | null;

  @Field(() => String, { nullable: true, description: "Why the last attempt failed, or why it was discarded. Null otherwise." })
  lastError!: string | null;

  @Field(() => Int, { nullable: true, description: "Duration of the last attempt in milliseconds." })
  lastLatencyMs!: number | null;

  @Field(() => DateTimeScalar, { description: "Time at which it was queued." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which it was delivered, had failed, or was canceled." })
  finishedAt!: string | null;

  /** UUIDs, and whether the body is stored instead of derived from the event, for field resolvers. */
  uuid!: string;
  webhookUuid!: string;
  eventUuid!: string | null;
  hasStoredBody!: boolean;
}

export const { Connection: WebhookDeliveryConnection } = connectionOf(WebhookDelivery, "WebhookDelivery");

export function toDelivery(row: DeliveryRow): WebhookDelivery {
  const { messageId, eventType, nextAttemptAt, lastStatus, lastError, lastLatencyMs, createdAt, finishedAt } = row;
  return Object.assign(new WebhookDelivery(), {
    id: encodeId("webhookDelivery", row.id),
    messageId,
    eventId: row.eventId && encodeId("event", row.eventId),
    eventType,
    repeatsId: row.replayOf && encodeId("webhookDelivery", row.replayOf),
    status: row.status as WebhookDeliveryStatus,
    attemptCount: row.attempts,
    nextAttemptAt,
    lastStatus,
    lastError,
    lastLatencyMs,
    createdAt,
    finishedAt,
    uuid: row.id,
    webhookUuid: row.webhookId,
    eventUuid: row.eventId,
    hasStoredBody: row.eventId === null || row.hasPayload,
  });
}

/** Endpoints can repeat the request in their response. So it is shown only to the user with whose rights the payload was selected. */
export function toAttempt(
  { status, number, startedAt, latencyMs, payloadUserId, ...row }: AttemptRow,
  { userId }: Pick<Viewer, "userId">,
): WebhookAttempt {
  const { requestHeaders, isTruncated, error } = row;
  const isShown = payloadUserId === null || payloadUserId === userId;
  const { responseHeaders, responseBody } = isShown ? row : { responseHeaders: null, responseBody: null };
  return Object.assign(new WebhookAttempt(), {
    number,
    startedAt,
    latencyMs,
    requestHeaders,
    responseStatus: status,
    responseHeaders,
    responseBody,
    isTruncated,
    error,
  });
}

export const WebhookDeliveryPayload = payloadOf(WebhookDelivery, "delivery");
export type WebhookDeliveryPayload = InstanceType<typeof WebhookDeliveryPayload>;
