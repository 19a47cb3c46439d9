import type { Context } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import type { FilterValue } from "@weft/api/filters";
import { IdsInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { InboundMessageFilter, InboundMessageOrder, listInboundMessages } from "./inbound-message.list.js";
import { retryInboundMessages } from "./inbound-message.service.js";
import { InboundMessage, InboundMessageConnection, RetryInboundMessagesPayload } from "./inbound-message.type.js";
import { InboundWebhook } from "./inbound-webhook.type.js";
import { loadInboundWebhook, loadOpenedMessage } from "./inbound.loader.js";

@Resolver(() => InboundMessage)
export class InboundMessageResolver {
  @Query(() => InboundMessageConnection, {
    nullable: true,
    description:
      "Messages that inbound webhooks received, newest first by default. They are kept as long as `retention.inboundMessageDays` says.",
  })
  @Allow(canInTenant("inboundWebhook.read"))
  inboundMessages(
    @Arg("filter", () => InboundMessageFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => InboundMessageOrder.Input, { nullable: true, description: "Sort order." })
    orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<InboundMessage>> {
    return listInboundMessages(ctx, { filter, orderBy, page });
  }

  @Mutation(() => RetryInboundMessagesPayload, {
    description:
      "Handles failed messages again, by the webhook as it is now. Messages that have not failed stay as they are. Errors: NOT_FOUND, BAD_USER_INPUT (the IDs).",
  })
  @Allow(canInTenant("inboundWebhook.manage"))
  @SizedBy({ by: ["input.ids"], initial: 1, maximum: 100, fields: ["messages"] })
  async retryInboundMessages(
    @Arg("input", () => IdsInput, {
      description: "IDs of the messages (`inm_…`), 1 to 100. Messages that have not failed stay as they are.",
    })
    input: IdsInput,
    @Ctx() ctx: Context,
  ): Promise<RetryInboundMessagesPayload> {
    return { messages: await retryInboundMessages(ctx, input) };
  }

  @FieldResolver(() => InboundWebhook, { nullable: true, description: "The webhook that received it." })
  @Allow(inherit)
  webhook(@Root() { webhookUuid }: InboundMessage, @Ctx() ctx: Context): Promise<InboundWebhook | null> {
    return loadInboundWebhook(ctx, webhookUuid);
  }

  @FieldResolver(() => String, { nullable: true, description: "For FAILED: why it did not become an event." })
  @Allow(inherit)
  async error(@Root() { uuid, status }: InboundMessage, @Ctx() ctx: Context): Promise<string | null> {
    return status === "FAILED" ? ((await loadOpenedMessage(ctx, uuid))?.error ?? null) : null;
  }

  @FieldResolver(() => String, { nullable: true, description: "The body as it was received." })
  @Allow(canInTenant("inboundWebhook.manage"))
  async body(@Root() { uuid }: InboundMessage, @Ctx() ctx: Context): Promise<string | null> {
    return (await loadOpenedMessage(ctx, uuid))?.content.body ?? null;
  }

  @FieldResolver(() => JsonScalar, { nullable: true, description: "Headers that expressions can read, by their name in lower case." })
  @Allow(canInTenant("inboundWebhook.manage"))
  async headers(@Root() { uuid }: InboundMessage, @Ctx() ctx: Context): Promise<unknown> {
    return (await loadOpenedMessage(ctx, uuid))?.content.headers ?? null;
  }
}

export const inboundMessageModule: SubgraphModule = { resolvers: { events: [InboundMessageResolver] } };
