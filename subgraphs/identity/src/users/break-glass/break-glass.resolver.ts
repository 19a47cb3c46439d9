import type { Context } from "@weft/api/context";
import { allOf, Allow, anyOf, canInTenant, inPerson, RequiresRecentLogin, self } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { toUser, User, UserPayload } from "../user.type.js";
import { setBreakGlass } from "./break-glass.service.js";
import { SetBreakGlassInput } from "./break-glass.type.js";

@Resolver(() => User)
export class BreakGlassResolver {
  @FieldResolver(() => Boolean, {
    nullable: true,
    description:
      "Whether the user can log in with a password although single sign-on is required. Each such login is audited and emailed to administrators. For oneself, and for whoever has identityProvider.read in the whole tenant.",
  })
  @Allow(anyOf(canInTenant("identityProvider.read"), self))
  isBreakGlass(@Root() user: User): boolean {
    return user.hasBreakGlass;
  }

  @Mutation(() => UserPayload, {
    description:
      "Names a user who can log in with a password although single sign-on is required (break-glass account), or no longer. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN (a user with more rights), CONFLICT.",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async setBreakGlass(
    @Arg("input", () => SetBreakGlassInput, { description: "The input." }) input: SetBreakGlassInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await setBreakGlass(ctx, input)) };
  }
}

export const breakGlassModule: SubgraphModule = { resolvers: { people: [BreakGlassResolver] } };
