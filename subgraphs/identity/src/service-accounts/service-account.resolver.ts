import type { Context } from "@weft/api/context";
import { allOf, Allow, canInTenant, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { toUser, UserPayload } from "../users/user.type.js";
import { createServiceAccount } from "./service-account.service.js";
import { CreateServiceAccountInput } from "./service-account.type.js";

@Resolver()
export class ServiceAccountResolver {
  @Mutation(() => UserPayload, {
    description:
      "Creates a service account, which has no password and acts with API keys. Change it with updateUser, and end it with deactivateUser. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, FORBIDDEN (roles and teams that you cannot assign), CONFLICT, LIMIT_EXCEEDED.",
  })
  @Allow(allOf(canInTenant("user.create"), canInTenant("apiKey.manage")))
  @RequiresRecentLogin()
  async createServiceAccount(
    @Arg("input", () => CreateServiceAccountInput, { description: "The input." }) input: CreateServiceAccountInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await createServiceAccount(ctx, input)) };
  }
}

export const serviceAccountModule: SubgraphModule = { resolvers: { people: [ServiceAccountResolver] } };
