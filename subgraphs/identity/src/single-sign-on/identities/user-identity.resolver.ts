import type { Context } from "@weft/api/context";
import { IdInput } from "@weft/api/inputs";
import { allOf, Allow, anyOf, can, inPerson, RequiresRecentLogin, self } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { toUser, User, UserPayload } from "../../users/user.type.js";
import { loadIdentities, unlinkIdentity, unlinkUserIdentity } from "./user-identity.service.js";
import * as types from "./user-identity.type.js";

@Resolver(() => User)
export class UserIdentityResolver {
  @FieldResolver(() => [types.UserIdentity], {
    nullable: true,
    description:
      "Accounts of identity providers with which the user can log in, oldest first. For oneself, and for those who can update the user.",
  })
  @Allow(anyOf(can("user.update"), allOf(inPerson, self)))
  async identities(@Root() user: User, @Ctx() ctx: Context): Promise<types.UserIdentity[] | null> {
    return (await loadIdentities(ctx, user.uuid))?.map(types.toUserIdentity) ?? null;
  }

  @Mutation(() => UserPayload, {
    description:
      "Removes an account of an identity provider from your user, and ends your other sessions that the provider has opened. If the provider links users by their email address, the next login links it again. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (you could no longer log in).",
  })
  @Allow(inPerson)
  @RequiresRecentLogin()
  async unlinkIdentity(
    @Arg("input", () => IdInput, { description: "The account (`uid_…`)." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await unlinkIdentity(ctx, input)) };
  }

  @Mutation(() => UserPayload, {
    description:
      "Removes an account of an identity provider from a user, and ends the user's sessions that the provider has opened. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN (a user with more rights).",
  })
  @Allow(allOf(can("user.update"), inPerson))
  @RequiresRecentLogin()
  async unlinkUserIdentity(
    @Arg("input", () => types.UnlinkUserIdentityInput, { description: "The input." }) input: types.UnlinkUserIdentityInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await unlinkUserIdentity(ctx, input)) };
  }
}

export const userIdentityModule: SubgraphModule = { resolvers: { "single-sign-on": [UserIdentityResolver] } };
