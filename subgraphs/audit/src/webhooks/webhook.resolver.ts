import { webhooks as tables } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, textField } from "@weft/api/filters";
import { DeletePayload, KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../nodes/entity.type.js";
import { RotateWebhookSecretInput } from "./webhook.input.js";
import { loadWebhookState } from "./webhook.loader.js";
import {
  createWebhook,
  deleteWebhook,
  pauseWebhook,
  readWebhook,
  resumeWebhook,
  rotateWebhookSecret,
  updateWebhook,
} from "./webhook.service.js";
import { countWebhooks, selectWebhookPage, type WebhookRow } from "./webhook.store.js";
import {
  toWebhook,
  Webhook,
  WebhookConnection,
  WebhookPayloadQuery,
  WebhookStatus,
  CreateWebhookInput,
  UpdateWebhookInput,
  WebhookSecretPayload,
  WebhookPayload,
} from "./webhook.type.js";

const { webhooks } = tables;

const WebhookFilter = filterInput("WebhookFilter", {
  name: textField(webhooks.name),
  url: textField(webhooks.url),
  status: enumField("WebhookStatus", WebhookStatus, webhooks.status),
});

const WebhookOrder = orderByInput("WebhookOrder", {
  CREATED_AT: { column: webhooks.createdAt, valueOf: (row: WebhookRow) => row.createdAt },
  NAME: { column: webhooks.name, valueOf: (row: WebhookRow) => row.name },
});

@Resolver(() => Webhook)
export class WebhookResolver {
  @Query(() => Webhook, { nullable: true, description: "One webhook. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("webhook.read"))
  async webhook(@Arg("id", () => ID, { description: "ID of the webhook (`whk_…`)." }) id: string, @Ctx() ctx: Context): Promise<Webhook> {
    return toWebhook(await readWebhook(ctx, decodeId("webhook", id)));
  }

  @Query(() => WebhookConnection, { nullable: true, description: "Webhooks of the tenant, newest first by default." })
  @Allow(canInTenant("webhook.read"))
  webhooks(
    @Arg("filter", () => WebhookFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => WebhookOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Webhook>> {
    const where = WebhookFilter.toSql(filter);
    return keysetPage<WebhookRow, Webhook>(ctx, {
      args: page,
      list: "webhooks",
      orderBy: WebhookOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      id: { column: webhooks.id, valueOf: (row) => row.id },
      fetch: (slice) => ctx.read((tx) => selectWebhookPage(tx, where, slice)),
      count: () => ctx.read((tx) => countWebhooks(tx, where)),
      toNode: toWebhook,
    });
  }

  @Mutation(() => WebhookSecretPayload, {
    description:
      "Creates a webhook. It receives the events that occur from now on. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (event types, condition, headers), URL_FORBIDDEN, CONFLICT (the call is repeated, and the secret was replaced since).",
  })
  @Allow(canInTenant("webhook.manage"))
  @RequiresRecentLogin()
  async createWebhook(
    @Arg("input", () => CreateWebhookInput) input: CreateWebhookInput,
    @Ctx() ctx: Context,
  ): Promise<WebhookSecretPayload> {
    const { webhook, secret } = await createWebhook(ctx, input);
    return { webhook: toWebhook(webhook), secret };
  }

  @Mutation(() => WebhookPayload, {
    description:
      "Updates a webhook. Queued events are delivered with the new settings. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, URL_FORBIDDEN.",
  })
  @Allow(canInTenant("webhook.manage"))
  @RequiresRecentLogin()
  async updateWebhook(@Arg("input", () => UpdateWebhookInput) input: UpdateWebhookInput, @Ctx() ctx: Context): Promise<WebhookPayload> {
    return { webhook: toWebhook(await updateWebhook(ctx, input)) };
  }

  @Mutation(() => WebhookPayload, {
    description: "Pauses a webhook. Events are queued until it is resumed. Errors: NOT_FOUND, CONFLICT (it is disabled).",
  })
  @Allow(canInTenant("webhook.manage"))
  async pauseWebhook(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the webhook (`whk_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<WebhookPayload> {
    return { webhook: toWebhook(await pauseWebhook(ctx, input)) };
  }

  @Mutation(() => WebhookPayload, {
    description:
      "Resumes a webhook that is paused or disabled. A disabled one receives the events that occur from now on. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("webhook.manage"))
  async resumeWebhook(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the webhook (`whk_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<WebhookPayload> {
    return { webhook: toWebhook(await resumeWebhook(ctx, input)) };
  }

  @Mutation(() => WebhookSecretPayload, {
    description:
      "Replaces the secret of a webhook. Until the old one expires, requests are signed with both. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (also if the call is repeated, and the secret was replaced since), BAD_USER_INPUT (the time).",
  })
  @Allow(canInTenant("webhook.manage"))
  @RequiresRecentLogin()
  async rotateWebhookSecret(
    @Arg("input", () => RotateWebhookSecretInput) input: RotateWebhookSecretInput,
    @Ctx() ctx: Context,
  ): Promise<WebhookSecretPayload> {
    const { webhook, secret } = await rotateWebhookSecret(ctx, input);
    return { webhook: toWebhook(webhook), secret };
  }

  @Mutation(() => DeletePayload, { description: "Deletes a webhook with its deliveries. Errors: NOT_FOUND, CONFLICT." })
  @Allow(canInTenant("webhook.manage"))
  async deleteWebhook(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the webhook (`whk_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await deleteWebhook(ctx, input) };
  }

  @FieldResolver(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: Webhook): EntityStub {
    return userStub(createdByUuid);
  }

  @FieldResolver(() => Int, { description: "Number of failed attempts since the last success." })
  @Allow(inherit)
  async consecutiveFailures(@Root() { uuid }: Webhook, @Ctx() ctx: Context): Promise<number> {
    return (await loadWebhookState(ctx, uuid))?.consecutiveFailures ?? 0;
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time from which the endpoint has only failed. After two days without a request, the count starts again. After five days, the webhook is disabled.",
  })
  @Allow(inherit)
  async failingSince(@Root() { uuid }: Webhook, @Ctx() ctx: Context): Promise<string | null> {
    return (await loadWebhookState(ctx, uuid))?.failingSince ?? null;
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time since which the secret or the custom headers cannot be decrypted. Deliveries wait until the key is available again, or until you replace the secret and the headers. Null if they can be decrypted.",
  })
  @Allow(inherit)
  async secretUnreadableSince(@Root() { uuid }: Webhook, @Ctx() ctx: Context): Promise<string | null> {
    return (await loadWebhookState(ctx, uuid))?.unreadableSince ?? null;
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time until which the endpoint gets one request at a time, because it answered slowly. Null if it did not, or if the time has passed.",
  })
  @Allow(inherit)
  async slowUntil(@Root() { uuid }: Webhook, @Ctx() ctx: Context): Promise<string | null> {
    const until = (await loadWebhookState(ctx, uuid))?.slowUntil ?? null;
    return until !== null && Date.parse(until) > Date.now() ? until : null;
  }
}

@Resolver(() => WebhookPayloadQuery)
export class WebhookPayloadQueryResolver {
  @FieldResolver(() => User, {
    nullable: true,
    description:
      "User with whose rights the query runs: the one who last changed the query, the URL or the headers. Null if you cannot see the user.",
  })
  @Allow(inherit)
  user(@Root() { userUuid }: WebhookPayloadQuery): EntityStub {
    return userStub(userUuid);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "What was wrong when the query ran last: the code and the field of an error. Null if nothing was wrong.",
  })
  @Allow(inherit)
  async error(@Root() { webhookUuid }: WebhookPayloadQuery, @Ctx() ctx: Context): Promise<string | null> {
    return (await loadWebhookState(ctx, webhookUuid))?.payloadError ?? null;
  }
}

export const webhookPayloadQueryModule: SubgraphModule = { resolvers: { events: [WebhookPayloadQueryResolver, WebhookResolver] } };
