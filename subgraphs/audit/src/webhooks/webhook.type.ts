import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { WebhookRow } from "./webhook.store.js";

export enum WebhookStatus {
  ACTIVE = "ACTIVE",
  PAUSED = "PAUSED",
  DISABLED = "DISABLED",
}
registerEnumType(WebhookStatus, {
  name: "WebhookStatus",
  description: "Status of a webhook.",
  valuesConfig: {
    ACTIVE: { description: "Events are delivered." },
    PAUSED: { description: "Events are queued, and delivered after the webhook is resumed." },
    DISABLED: { description: "Weft disabled the webhook, and events are not queued. See `stopReason`." },
  },
});

export enum WebhookStopReason {
  GONE = "GONE",
  FAILING = "FAILING",
}
registerEnumType(WebhookStopReason, {
  name: "WebhookStopReason",
  description: "Why Weft disabled a webhook.",
  valuesConfig: {
    GONE: { description: "The endpoint answered 410 Gone." },
    FAILING: { description: "Every attempt failed for five days." },
  },
});

@ObjectType({ description: "The GraphQL query that selects the payload of a webhook." })
@Allow(inherit)
export class WebhookPayloadQuery {
  @Field(() => String, { description: "The query." })
  query!: string;

  /** UUIDs, for field resolvers. */
  userUuid!: string;
  webhookUuid!: string;
}

@ObjectType({ description: "An endpoint that receives events of the whole tenant, as signed HTTP requests." })
@Allow(canInTenant("webhook.read"))
export class Webhook {
  @Field(() => ID, { description: "ID (`whk_…`)." })
  id!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "URL of the endpoint." })
  url!: string;

  @Field(() => [String], { nullable: true, description: "Types of the events. Null for all types." })
  eventTypes!: readonly string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Condition in CEL over `event` and `payload`. If null, all events of the types are delivered.",
  })
  condition!: string | null;

  @Field(() => [String], { description: "Names of the custom headers. Their values are never shown." })
  headerNames!: readonly string[];

  @Field(() => Boolean, { description: "Whether events of the same subject are delivered in order." })
  isOrdered!: boolean;

  @Field(() => Int, { nullable: true, description: "Maximum number of requests per second. Null for no limit." })
  rateLimit!: number | null;

  @Field(() => WebhookPayloadQuery, {
    nullable: true,
    description: "Query that selects the payload. Null if the webhook sends the payloads of events.",
  })
  payload!: WebhookPayloadQuery | null;

  @Field(() => WebhookStatus, { description: "Current status." })
  status!: WebhookStatus;

  @Field(() => WebhookStopReason, { nullable: true, description: "Why Weft disabled the webhook. Null unless it is disabled." })
  stopReason!: WebhookStopReason | null;

  @Field(() => DateTimeScalar, { description: "Time since which it has the status." })
  statusChangedAt!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which requests are signed with the previous secret too. Null if there is none.",
  })
  previousSecretExpiresAt!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUIDs, for field resolvers. */
  uuid!: string;
  createdByUuid!: string;
}

export const { Connection: WebhookConnection } = connectionOf(Webhook, "Webhook");

export function toWebhook(row: WebhookRow): Webhook {
  const { name, url, eventTypes, headerNames, isOrdered, rateLimit, statusChangedAt, version, createdAt, updatedAt } = row;
  const expiry = row.previousSecretExpiresAt;
  return Object.assign(new Webhook(), {
    id: encodeId("webhook", row.id),
    name,
    url,
    eventTypes,
    condition: row.condition === "" ? null : row.condition,
    headerNames,
    isOrdered,
    rateLimit,
    payload:
      row.payloadQuery === null
        ? null
        : Object.assign(new WebhookPayloadQuery(), { query: row.payloadQuery, userUuid: row.payloadUserId, webhookUuid: row.id }),
    status: row.status as WebhookStatus,
    stopReason: row.stopReason as WebhookStopReason | null,
    statusChangedAt,
    previousSecretExpiresAt: expiry !== null && Date.parse(expiry) > Date.now() ? expiry : null,
    version,
    createdAt,
    updatedAt,
    uuid: row.id,
    createdByUuid: row.createdBy,
  });
}
