import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../../nodes/entity.type.js";
import { loadWebhook } from "../webhook.loader.js";
import { Webhook } from "../webhook.type.js";
import { readReplay, replayEvents } from "./replay.service.js";
import { EventReplay, toReplay, EventReplayPayload, ReplayEventsInput } from "./replay.type.js";

@Resolver(() => EventReplay)
export class EventReplayResolver {
  @Mutation(() => EventReplayPayload, {
    description:
      "Queues past events that a webhook never received, in their order, in the background. Events that were queued for it before are not queued again. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (the webhook is disabled, or a replay is running), BAD_USER_INPUT.",
  })
  @Allow(canInTenant("webhook.manage"))
  @RequiresRecentLogin()
  async replayEvents(@Arg("input", () => ReplayEventsInput) input: ReplayEventsInput, @Ctx() ctx: Context): Promise<EventReplayPayload> {
    return { replay: toReplay(await replayEvents(ctx, input)) };
  }

  @Query(() => EventReplay, {
    nullable: true,
    description: "A replay of past events, with its progress. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("webhook.read"))
  async eventReplay(
    @Arg("id", () => ID, { description: "ID of the replay (`evr_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<EventReplay> {
    return toReplay(await readReplay(ctx, decodeId("eventReplay", id)));
  }

  @FieldResolver(() => Webhook, { nullable: true, description: "The webhook." })
  @Allow(inherit)
  webhook(@Root() { webhookUuid }: EventReplay, @Ctx() ctx: Context): Promise<Webhook | null> {
    return loadWebhook(ctx, webhookUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User who started it. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: EventReplay): EntityStub {
    return userStub(createdByUuid);
  }
}

export const eventReplayModule: SubgraphModule = { resolvers: { events: [EventReplayResolver] } };
