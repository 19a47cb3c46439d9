import { Allow, allOf, authenticated, canInTenant } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { Arg, Args, Ctx, ID, Query, Resolver } from "type-graphql";
import { explainAccess, whoCan } from "./access.service.js";
import { AccessExplanation, AccessHolderConnection, WhoCanArgs } from "./access.type.js";
import type { AccessHolder } from "./access.type.js";

@Resolver()
export class AccessResolver {
  @Query(() => AccessExplanation, {
    nullable: true,
    description:
      "Whether a user may do something, and why. About oneself and what one sees; about others with role.read and user.read in scope TENANT. Errors: BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.",
  })
  @Allow(authenticated)
  explainAccess(
    @Arg("userId", () => ID, { description: "TypeID of the user." }) userId: string,
    @Arg("permission", () => String, { description: "`resource.action`; see `permissions`." }) permission: string,
    @Arg("objectId", () => ID, {
      nullable: true,
      description: "An object that the permission is about; without it: whether the user may use the permission at all.",
    })
    objectId: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<AccessExplanation> {
    return explainAccess(ctx, { userId, permission, objectId: objectId ?? null });
  }

  @Query(() => AccessHolderConnection, {
    nullable: true,
    description:
      "Who may do something, by name: the users for whom `explainAccess` says yes. Counting them goes through everybody with such a role. Errors: BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.",
  })
  @Allow(allOf(canInTenant("role.read"), canInTenant("user.read")))
  whoCan(@Args(() => WhoCanArgs) args: WhoCanArgs, @Ctx() ctx: Context): Promise<Page<AccessHolder>> {
    return whoCan(ctx, args);
  }
}
