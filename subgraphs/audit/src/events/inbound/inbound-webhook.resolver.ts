import { decodeId, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../../nodes/entity.type.js";
import { RotateInboundWebhookSecretInput } from "./inbound-webhook.input.js";
import { InboundWebhookFilter, InboundWebhookOrder } from "./inbound-webhook.list.js";
import {
  createInboundWebhook,
  deleteInboundWebhook,
  listInboundWebhooks,
  readInboundWebhook,
  rotateInboundWebhookSecret,
  updateInboundWebhook,
} from "./inbound-webhook.service.js";
import {
  InboundMessageCounts,
  InboundWebhook,
  InboundWebhookConnection,
  CreateInboundWebhookInput,
  UpdateInboundWebhookInput,
  InboundWebhookSecretPayload,
  InboundWebhookPayload,
} from "./inbound-webhook.type.js";
import { loadInboundTotals } from "./inbound.loader.js";

@Resolver(() => InboundWebhook)
export class InboundWebhookResolver {
  @Query(() => InboundWebhook, { nullable: true, description: "One inbound webhook. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("inboundWebhook.read"))
  inboundWebhook(
    @Arg("id", () => ID, { description: "ID of the inbound webhook (`inw_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<InboundWebhook> {
    return readInboundWebhook(ctx, decodeId("inboundWebhook", id));
  }

  @Query(() => InboundWebhookConnection, {
    nullable: true,
    description: "Endpoints to which other systems send messages, newest first by default.",
  })
  @Allow(canInTenant("inboundWebhook.read"))
  inboundWebhooks(
    @Arg("filter", () => InboundWebhookFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => InboundWebhookOrder.Input, { nullable: true, description: "Sort order." })
    orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<InboundWebhook>> {
    return listInboundWebhooks(ctx, { filter, orderBy, page });
  }

  @Mutation(() => InboundWebhookSecretPayload, {
    description:
      "Creates an endpoint to which another system sends messages. They are published as custom events in your name. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (event type, expressions, settings, secret), FORBIDDEN (you cannot publish events), LIMIT_EXCEEDED, CONFLICT (the idempotency key).",
  })
  @Allow(allOf(canInTenant("inboundWebhook.manage"), inPerson))
  @RequiresRecentLogin()
  createInboundWebhook(
    @Arg("input", () => CreateInboundWebhookInput) input: CreateInboundWebhookInput,
    @Ctx() ctx: Context,
  ): Promise<InboundWebhookSecretPayload> {
    return createInboundWebhook(ctx, input);
  }

  @Mutation(() => InboundWebhookPayload, {
    description:
      "Updates, pauses or resumes an inbound webhook. From then on it publishes events in your name, unless you change only its status. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN (you cannot publish events).",
  })
  @Allow(allOf(canInTenant("inboundWebhook.manage"), inPerson))
  @RequiresRecentLogin()
  async updateInboundWebhook(
    @Arg("input", () => UpdateInboundWebhookInput) input: UpdateInboundWebhookInput,
    @Ctx() ctx: Context,
  ): Promise<InboundWebhookPayload> {
    return { inboundWebhook: await updateInboundWebhook(ctx, input) };
  }

  @Mutation(() => InboundWebhookSecretPayload, {
    description:
      "Gives an inbound webhook another secret. The previous one is accepted for some hours, too. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT (the secret, the hours).",
  })
  @Allow(allOf(canInTenant("inboundWebhook.manage"), inPerson))
  @RequiresRecentLogin()
  rotateInboundWebhookSecret(
    @Arg("input", () => RotateInboundWebhookSecretInput) input: RotateInboundWebhookSecretInput,
    @Ctx() ctx: Context,
  ): Promise<InboundWebhookSecretPayload> {
    return rotateInboundWebhookSecret(ctx, input);
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes an inbound webhook and its messages. Published events stay in the log. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("inboundWebhook.manage"))
  async deleteInboundWebhook(
    @Arg("input", () => VersionedIdInput, { description: "ID of the inbound webhook (`inw_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await deleteInboundWebhook(ctx, input) };
  }

  @FieldResolver(() => String, { description: "Address to which the sender posts messages." })
  @Allow(inherit)
  url(@Root() { id }: InboundWebhook, @Ctx() { viewer, services }: Context): string {
    return `${services.config.mail.publicUrl}/inbound/${encodeId("tenant", viewer.tenantId)}/${id}`;
  }

  @FieldResolver(() => DateTimeScalar, { nullable: true, description: "Time of the last message. Null if none is kept." })
  @Allow(inherit)
  async lastReceivedAt(@Root() { uuid }: InboundWebhook, @Ctx() ctx: Context): Promise<string | null> {
    return (await loadInboundTotals(ctx, uuid)).lastReceivedAt;
  }

  @FieldResolver(() => InboundMessageCounts, { description: "Numbers of the messages that are kept, by status, each up to 1,000." })
  @Allow(inherit)
  messageCounts(@Root() { uuid }: InboundWebhook, @Ctx() ctx: Context): Promise<InboundMessageCounts> {
    return loadInboundTotals(ctx, uuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User in whose name it publishes events. Null if you cannot see the user." })
  @Allow(inherit)
  actsAs(@Root() { actsAsUuid }: InboundWebhook): EntityStub {
    return userStub(actsAsUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User who created it. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: InboundWebhook): EntityStub {
    return userStub(createdByUuid);
  }
}

export const inboundWebhookModule: SubgraphModule = { resolvers: { events: [InboundWebhookResolver] } };
