import { BadUserInput, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../../nodes/entity.type.js";
import { findActors, findLastActions } from "./last-action.store.js";
import { LastAction, toLastActions } from "./last-action.type.js";

const maxActors = 50;

@Resolver(() => LastAction)
export class LastActionResolver {
  @Query(() => [LastAction], {
    nullable: true,
    description:
      "When users did something last, by the audit log: an item for each user and action. What leaves no entry, such as reading, is not included, and neither are failed logins and work in the background. Errors: BAD_USER_INPUT.",
  })
  @Allow(can("audit.read"))
  async lastActions(
    @Arg("actorIds", () => [ID], { description: `Users (\`usr_…\`), at most ${maxActors}.` }) actorIds: string[],
    @Arg("from", () => DateTimeScalar, { nullable: true, description: "Only entries from this time on." }) from: string | null | undefined,
    @Arg("to", () => DateTimeScalar, { nullable: true, description: "Only entries before this time." }) to: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<readonly LastAction[]> {
    if (actorIds.length > maxActors)
      throw new BadUserInput([{ path: "actorIds", message: `At most ${maxActors} users are allowed, not ${actorIds.length}.` }]);
    const ids = actorIds.map((id, index) => decodeId("user", id, `actorIds.${index}`));
    if (ids.length === 0) return [];
    const rows = await ctx.read(async (tx) => {
      const found = await findActors(tx, ctx.viewer, ids);
      const problems = ids.flatMap((id, index) =>
        found.has(id) ? [] : [{ path: `actorIds.${index}`, message: `No user with the ID ${quote(actorIds[index] ?? "")} exists.` }],
      );
      if (problems.length > 0) throw new BadUserInput(problems);
      return findLastActions(tx, ctx.viewer, { actorIds: ids, from: from ?? null, to: to ?? null });
    });
    return toLastActions(rows);
  }

  @FieldResolver(() => User, { nullable: true, description: "User. Null if you cannot see the user." })
  @Allow(inherit)
  actor(@Root() { actorUuid }: LastAction): EntityStub {
    return userStub(actorUuid);
  }
}

export const lastActionModule: SubgraphModule = { resolvers: { audit: [LastActionResolver] } };
