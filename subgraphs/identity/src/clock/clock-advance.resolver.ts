import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadUser } from "../users/user.loader.js";
import { User } from "../users/user.type.js";
import { AdvanceClockInput } from "./clock-advance.input.js";
import { advanceClock, getClockAdvance } from "./clock-advance.service.js";
import { ClockAdvance, toClockAdvance, ClockAdvancePayload } from "./clock-advance.type.js";

@Resolver(() => ClockAdvance)
export class ClockAdvanceResolver {
  @Query(() => ClockAdvance, {
    nullable: true,
    description: "An advance of the sandbox's clock, with its progress. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("clock.advance"))
  async clockAdvance(
    @Arg("id", () => ID, { description: "ID of the advance (`cad_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<ClockAdvance> {
    const uuid = decodeId("clockAdvance", id);
    return toClockAdvance(await ctx.read((tx) => getClockAdvance(tx, uuid)));
  }

  @Mutation(() => ClockAdvancePayload, {
    description:
      "Advances the clock of a sandbox. What would happen in that time happens in order, each at its time: timers, schedules, deadlines, SLA warnings and breaches, and everything that they cause. Waits up to five seconds; follow a longer advance with `clockAdvance`. Errors: BAD_USER_INPUT, CONFLICT (the organization is not a sandbox, or its clock is already being advanced).",
  })
  @Allow(canInTenant("clock.advance"))
  async advanceClock(@Arg("input", () => AdvanceClockInput) input: AdvanceClockInput, @Ctx() ctx: Context): Promise<ClockAdvancePayload> {
    return { advance: toClockAdvance(await advanceClock(ctx, input)) };
  }

  @FieldResolver(() => User, { nullable: true, description: "User who requested it. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: ClockAdvance, @Ctx() ctx: Context): Promise<User | null> {
    return loadUser(ctx, createdByUuid);
  }
}

export const clockAdvanceModule: SubgraphModule = { resolvers: { organizations: [ClockAdvanceResolver] } };
