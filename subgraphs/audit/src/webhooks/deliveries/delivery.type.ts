import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
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

const webhookAttemptColumns = columns({
  number: column.int("Number of the attempt, from 1. A number occurs twice if a worker ended during the attempt."),
  startedAt: column.time("Start time."),
  latencyMs: column.int("Duration in milliseconds."),
  requestHeaders: column.json("Headers of the request by name. Values of custom headers are masked."),
  responseStatus: column.int("HTTP status of the response. Null if there was none.", { nullable: true }),
  responseHeaders: column.json(`Headers of the response by name, bounded. ${hiddenFrom}`, { nullable: true }),
  responseBody: column.text(`The first 16 KiB of the response. ${hiddenFrom}`, { nullable: true }),
  isTruncated: column.flag("Whether the response was longer than what is kept."),
  error: column.text("Why the attempt failed. Null if it succeeded.", { nullable: true }),
});

@ShowColumns(webhookAttemptColumns)
@ObjectType({ description: "An attempt to deliver an event, with the request and the response." })
@Allow(inherit)
export class WebhookAttempt extends shapeOf(webhookAttemptColumns) {}

const webhookDeliveryColumns = columns({
  id: column.id("ID (`whd_…`)."),
  messageId: column.text(
    "Value of the header `webhook-id`: the same in all attempts and repetitions, so that receivers can ignore duplicates.",
  ),
  eventId: column.id("ID of the event (`evt_…`). Null for a test.", { nullable: true }),
  eventType: column.text("Type of the event. `webhook.test` for a test."),
  repeatsId: column.id("ID of the first delivery of the event, if this one repeats it (`whd_…`).", { nullable: true }),
  status: column.of(() => WebhookDeliveryStatus, "Current status."),
  attemptCount: column.int("Number of attempts, including the one in progress."),
  nextAttemptAt: column.time("Earliest time of the next attempt. Null if there is none.", { nullable: true }),
  lastStatus: column.int("HTTP status of the last response. Null if there was none.", { nullable: true }),
  lastError: column.text("Why the last attempt failed, or why it was discarded. Null otherwise.", { nullable: true }),
  lastLatencyMs: column.int("Duration of the last attempt in milliseconds.", { nullable: true }),
  createdAt: column.time("Time at which it was queued."),
  finishedAt: column.time("Time at which it was delivered, had failed, or was canceled.", { nullable: true }),
});

@ShowColumns(webhookDeliveryColumns)
@ObjectType({ description: "The delivery of an event to a webhook." })
@Allow(canInTenant("webhook.read"))
export class WebhookDelivery extends shapeOf(webhookDeliveryColumns) {
  /** UUIDs, and whether the body is stored instead of derived from the event, for field resolvers. */
  uuid!: string;
  webhookUuid!: string;
  eventUuid!: string | null;
  hasStoredBody!: boolean;
}

export const { Connection: WebhookDeliveryConnection } = connectionOf(WebhookDelivery, "WebhookDelivery");

export function toDelivery(row: DeliveryRow): WebhookDelivery {
  return Object.assign(new WebhookDelivery(), webhookDeliveryColumns.shown(row), {
    id: encodeId("webhookDelivery", row.id),
    eventId: row.eventId && encodeId("event", row.eventId),
    repeatsId: row.replayOf && encodeId("webhookDelivery", row.replayOf),
    status: row.status as WebhookDeliveryStatus,
    attemptCount: row.attempts,
    uuid: row.id,
    webhookUuid: row.webhookId,
    eventUuid: row.eventId,
    hasStoredBody: row.eventId === null || row.hasPayload,
  });
}

/** Endpoints can repeat the request in their response. So it is shown only to the user with whose rights the payload was selected. */
export function toAttempt(row: AttemptRow, { userId }: Pick<Viewer, "userId">): WebhookAttempt {
  const isShown = row.payloadUserId === null || row.payloadUserId === userId;
  const { responseHeaders, responseBody } = isShown ? row : { responseHeaders: null, responseBody: null };
  return Object.assign(new WebhookAttempt(), webhookAttemptColumns.shown(row), {
    responseStatus: row.status,
    responseHeaders,
    responseBody,
  });
}

export const WebhookDeliveryPayload = payloadOf(WebhookDelivery, "delivery");
export type WebhookDeliveryPayload = InstanceType<typeof WebhookDeliveryPayload>;
