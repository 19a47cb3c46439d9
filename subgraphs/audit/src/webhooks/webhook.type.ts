import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import type { WebhookRow } from "./webhook.store.js";
import { WebhookHeaderInput, WebhookPayloadInput } from "./webhook.input.js";

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

export const webhookColumns = columns({
  id: column.id("ID (`whk_…`).", { created: false, updated: "ID of the webhook (`whk_…`).", requiredInUpdate: true, isKey: true }),
  name: column.text("Display name.", { max: 200, created: "Display name, at most 200 characters." }),
  url: column.text("URL of the endpoint.", { created: "URL of the endpoint: https, and a public host." }),
  ...standardColumns.expectedVersion,
  idempotencyKey: column.text("Idempotency key. Repeating the call with the same key returns the first result.", {
    shown: false,
    nullable: true,
  }),
  eventTypes: column.texts("Types of the events. Null for all types.", {
    created: "Types of the events, at most 200. Null for all types, including future ones.",
    nullable: true,
  }),
  condition: column.text("Condition in CEL over `event` and `payload`. If null, all events of the types are delivered.", {
    max: 2_000,
    mayBeEmpty: true,
    created:
      'Condition in CEL over `event` and `payload`. Example: `payload.to == "approved"`. If null or empty, all events of the types are delivered.',
    nullable: true,
  }),
  headers: column.of(() => [WebhookHeaderInput], "Custom headers, at most 20. They replace all earlier ones.", {
    shown: false,
    nullable: true,
  }),
  ...column.shownOnly({ headerNames: column.texts("Names of the custom headers. Their values are never shown.") }),
  isOrdered: column.flag("Whether events of the same subject are delivered in order.", {
    created: "Whether events of the same subject are delivered in order (default false). An event then waits for the earlier ones.",
    optional: true,
  }),
  rateLimit: column.int("Maximum number of requests per second. Null for no limit.", {
    created: "Maximum number of requests per second, 1 to 1,000. Null for no limit.",
    nullable: true,
  }),
  payload: column.pair(
    () => WebhookPayloadQuery,
    () => WebhookPayloadInput,
    "Query that selects the payload. Null if the webhook sends the payloads of events.",
    { created: "Query that selects the payload, from the next event on. Null for the event's own payload.", nullable: true },
  ),
  ...column.shownOnly({
    status: column.of(() => WebhookStatus, "Current status."),
    stopReason: column.of(() => WebhookStopReason, "Why Weft disabled the webhook. Null unless it is disabled.", { nullable: true }),
    statusChangedAt: column.time("Time since which it has the status."),
    previousSecretExpiresAt: column.time("Time until which requests are signed with the previous secret too. Null if there is none.", {
      nullable: true,
    }),
    version: column.int("Version number, incremented on every change. Pass it as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(webhookColumns)
@ObjectType({ description: "An endpoint that receives events of the whole tenant, as signed HTTP requests." })
@Allow(canInTenant("webhook.read"))
export class Webhook extends shapeOf(webhookColumns) {
  /** UUIDs, for field resolvers. */
  uuid!: string;
  createdByUuid!: string;
}

// In the inputs, these come first.
const { eventTypes, condition, headers, isOrdered, rateLimit, payload, ...others } = webhookColumns.map;
const inputColumns = columns({ eventTypes, condition, headers, isOrdered, rateLimit, payload, ...others });

export const CreateWebhookInput = createInputOf("CreateWebhookInput", inputColumns, "The webhook to create.");
export type CreateWebhookInput = InstanceType<typeof CreateWebhookInput>;

export const UpdateWebhookInput = updateInputOf("UpdateWebhookInput", inputColumns, "Changes to a webhook. Omitted fields stay unchanged.");
export type UpdateWebhookInput = InstanceType<typeof UpdateWebhookInput>;

export const { Connection: WebhookConnection } = connectionOf(Webhook, "Webhook");

export function toWebhook(row: WebhookRow): Webhook {
  const expiry = row.previousSecretExpiresAt;
  return Object.assign(new Webhook(), webhookColumns.shown(row), {
    id: encodeId("webhook", row.id),
    condition: row.condition === "" ? null : row.condition,
    payload:
      row.payloadQuery === null
        ? null
        : Object.assign(new WebhookPayloadQuery(), { query: row.payloadQuery, userUuid: row.payloadUserId, webhookUuid: row.id }),
    status: row.status as WebhookStatus,
    stopReason: row.stopReason as WebhookStopReason | null,
    previousSecretExpiresAt: expiry !== null && Date.parse(expiry) > Date.now() ? expiry : null,
    uuid: row.id,
    createdByUuid: row.createdBy,
  });
}

@ObjectType({ description: "Payload of a mutation that issues the secret of a webhook." })
@Allow(inherit)
export class WebhookSecretPayload {
  @Field(() => Webhook, { description: "The webhook." })
  webhook!: Webhook;

  @Field(() => String, { description: "Secret with which the receiver verifies signatures (`whsec_…`). It is not shown again." })
  secret!: string;
}

export const WebhookPayload = payloadOf(Webhook, "webhook");
export type WebhookPayload = InstanceType<typeof WebhookPayload>;
