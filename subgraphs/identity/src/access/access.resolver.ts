import type { Context } from "@weft/api/context";
import { Cost } from "@weft/api/cost";
import type { Page } from "@weft/api/pages";
import { allOf, Allow, authenticated, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, ID, Query, Resolver } from "type-graphql";
import { explainAccess, whoCan } from "./access.service.js";
import { AccessExplanation, AccessHolderConnection, WhoCanArgs } from "./access.type.js";
import type { AccessHolder } from "./access.type.js";

@Resolver()
export class AccessResolver {
  @Query(() => AccessExplanation, {
    nullable: true,
    description:
      "Explains whether a user can do something, and why. You can ask about yourself and, with role.read and user.read in scope TENANT, about others. Errors: BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.",
  })
  @Allow(authenticated)
  @Cost(5)
  explainAccess(
    @Arg("userId", () => ID, { description: "ID of the user." }) userId: string,
    @Arg("permission", () => String, { description: "Permission as `resource.action`. See `permissions`." }) permission: string,
    @Arg("objectId", () => ID, {
      nullable: true,
      description: "Object to check access to. If omitted, whether the user can use the permission at all.",
    })
    objectId: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<AccessExplanation> {
    return explainAccess(ctx, { userId, permission, objectId: objectId ?? null });
  }

  @Query(() => AccessHolderConnection, {
    nullable: true,
    description:
      "Users who can do something, by name. These are the users for whom `explainAccess` allows it. Counting them checks every user with such a role. Errors: BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.",
  })
  @Allow(allOf(canInTenant("role.read"), canInTenant("user.read")))
  @Cost(50)
  whoCan(@Args(() => WhoCanArgs) args: WhoCanArgs, @Ctx() ctx: Context): Promise<Page<AccessHolder>> {
    return whoCan(ctx, args);
  }
}

export const accessModule: SubgraphModule = { resolvers: { people: [AccessResolver] } };
