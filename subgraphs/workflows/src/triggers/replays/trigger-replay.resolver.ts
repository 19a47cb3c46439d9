import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, type Page } from "@weft/api/pages";
import { Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadTrigger } from "../trigger.loader.js";
import { Trigger } from "../trigger.type.js";
import { listReplays } from "./trigger-replay.list.js";
import { readReplay, replayEventsToTrigger } from "./trigger-replay.service.js";
import { ReplayEventsToTriggerInput, TriggerReplay, TriggerReplayConnection, TriggerReplayPayload } from "./trigger-replay.type.js";

@Resolver(() => TriggerReplay)
export class TriggerReplayResolver {
  @Mutation(() => TriggerReplayPayload, {
    description:
      "Lets a trigger act on past events in the background, in their order, as the trigger is now and with the current rights of its user. Events on which it has acted before are omitted. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (the trigger is not active, or a replay is running), BAD_USER_INPUT.",
  })
  @Allow(canInTenant("trigger.manage"))
  @RequiresRecentLogin()
  async replayEventsToTrigger(
    @Arg("input", () => ReplayEventsToTriggerInput) input: ReplayEventsToTriggerInput,
    @Ctx() ctx: Context,
  ): Promise<TriggerReplayPayload> {
    return { replay: await replayEventsToTrigger(ctx, input) };
  }

  @Query(() => TriggerReplay, {
    nullable: true,
    description: "A replay of past events to a trigger, with its progress. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("trigger.read"))
  triggerReplay(
    @Arg("id", () => ID, { description: "ID of the replay (`trp_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<TriggerReplay> {
    return readReplay(ctx, decodeId("triggerReplay", id));
  }

  @FieldResolver(() => Trigger, { nullable: true })
  trigger(@Root() { triggerId }: TriggerReplay, @Ctx() ctx: Context): Promise<Trigger | null> {
    return loadTrigger(ctx, triggerId);
  }
}

@Resolver(() => Trigger)
export class ReplaysOfTriggerResolver {
  @FieldResolver(() => TriggerReplayConnection, { nullable: true, description: "Replays of past events to the trigger, newest first." })
  @Allow(inherit)
  replays(@Root() { id }: Trigger, @Args(() => ConnectionArgs) page: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<TriggerReplay>> {
    return listReplays(ctx, decodeId("trigger", id), page);
  }
}

export const triggerReplayModule: SubgraphModule = { resolvers: { automation: [TriggerReplayResolver, ReplaysOfTriggerResolver] } };
