import { webhooks as tables } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { KeyedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadWebhook } from "../webhook.loader.js";
import { Webhook } from "../webhook.type.js";
import { RedeliverWebhookInput } from "./delivery.input.js";
import { loadAttempts, loadBody, loadStoredBody } from "./delivery.loader.js";
import { readDelivery, redeliverWebhook, testWebhook } from "./delivery.service.js";
import { countDeliveries, type DeliveryRow, selectDeliveryPage } from "./delivery.store.js";
import {
  toDelivery,
  WebhookAttempt,
  WebhookDelivery,
  WebhookDeliveryConnection,
  WebhookDeliveryStatus,
  WebhookDeliveryPayload,
} from "./delivery.type.js";
import { DeliveryCountPayload } from "./delivery-count-payload.type.js";

const { webhookDeliveries } = tables;

const WebhookDeliveryFilter = filterInput("WebhookDeliveryFilter", {
  webhookId: idField("webhook", webhookDeliveries.webhookId),
  eventId: idField("event", webhookDeliveries.eventId),
  eventType: textField(webhookDeliveries.eventType),
  status: enumField("WebhookDeliveryStatus", WebhookDeliveryStatus, webhookDeliveries.status),
  createdAt: timeField(webhookDeliveries.createdAt),
});

const WebhookDeliveryOrder = orderByInput("WebhookDeliveryOrder", {
  CREATED_AT: { column: webhookDeliveries.createdAt, valueOf: (row: DeliveryRow) => row.createdAt },
});

@Resolver(() => WebhookDelivery)
export class WebhookDeliveryResolver {
  @Query(() => WebhookDelivery, {
    nullable: true,
    description: "One delivery to a webhook. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("webhook.read"))
  async webhookDelivery(
    @Arg("id", () => ID, { description: "ID of the delivery (`whd_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<WebhookDelivery> {
    return toDelivery(await readDelivery(ctx, decodeId("webhookDelivery", id)));
  }

  @Query(() => WebhookDeliveryConnection, { nullable: true, description: "Deliveries to webhooks, newest first by default." })
  @Allow(canInTenant("webhook.read"))
  webhookDeliveries(
    @Arg("filter", () => WebhookDeliveryFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => WebhookDeliveryOrder.Input, { nullable: true, description: "Sort order." })
    orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<WebhookDelivery>> {
    const where = WebhookDeliveryFilter.toSql(filter);
    return keysetPage<DeliveryRow, WebhookDelivery>(ctx, {
      args: page,
      list: "webhookDeliveries",
      orderBy: WebhookDeliveryOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      id: { column: webhookDeliveries.id, valueOf: (row) => row.id },
      fetch: (slice) => ctx.read((tx) => selectDeliveryPage(tx, where, slice)),
      count: () => ctx.read((tx) => countDeliveries(tx, where)),
      toNode: toDelivery,
    });
  }

  @Mutation(() => WebhookDeliveryPayload, {
    description:
      "Queues a test of an endpoint: a signed request of type `webhook.test` without an event. Errors: NOT_FOUND, CONFLICT (the webhook is disabled).",
  })
  @Allow(canInTenant("webhook.manage"))
  async testWebhook(
    @Arg("input", () => KeyedIdInput, { description: "ID of the webhook (`whk_…`)." }) input: KeyedIdInput,
    @Ctx() ctx: Context,
  ): Promise<WebhookDeliveryPayload> {
    return { delivery: toDelivery(await testWebhook(ctx, input)) };
  }

  @Mutation(() => DeliveryCountPayload, {
    description:
      "Repeats ended deliveries: one, those of a period, or all failed ones. Requests have the same `webhook-id` and body as before. Errors: NOT_FOUND, CONFLICT (the webhook is disabled), BAD_USER_INPUT.",
  })
  @Allow(canInTenant("webhook.manage"))
  redeliverWebhook(
    @Arg("input", () => RedeliverWebhookInput) input: RedeliverWebhookInput,
    @Ctx() ctx: Context,
  ): Promise<DeliveryCountPayload> {
    return redeliverWebhook(ctx, input);
  }

  @FieldResolver(() => Webhook, { nullable: true, description: "The webhook." })
  @Allow(inherit)
  webhook(@Root() { webhookUuid }: WebhookDelivery, @Ctx() ctx: Context): Promise<Webhook | null> {
    return loadWebhook(ctx, webhookUuid);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Body of the requests. Null if the event is no longer stored. A payload that a query selected is shown only to the user with whose rights it ran.",
  })
  @Allow(inherit)
  requestBody(@Root() { uuid, eventUuid, hasStoredBody }: WebhookDelivery, @Ctx() ctx: Context): Promise<string | null> {
    return hasStoredBody || eventUuid === null ? loadStoredBody(ctx, uuid) : loadBody(ctx, eventUuid);
  }

  @FieldResolver(() => [WebhookAttempt], { description: "Attempts, in their order." })
  @Allow(inherit)
  attempts(@Root() { uuid }: WebhookDelivery, @Ctx() ctx: Context): Promise<WebhookAttempt[]> {
    return loadAttempts(ctx, uuid);
  }
}

export const webhookDeliveryModule: SubgraphModule = { resolvers: { events: [WebhookDeliveryResolver] } };
