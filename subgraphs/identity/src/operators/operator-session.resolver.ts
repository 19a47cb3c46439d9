import { Allow, anyOf, can, canInTenant, inherit } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadTenant } from "../tenants/tenant.loader.js";
import { Tenant } from "../tenants/tenant.type.js";
import { loadUser } from "../users/user.loader.js";
import { User } from "../users/user.type.js";
import {
  ActAsTenantInput,
  ActAsTenantPayload,
  EndOperatorSessionInput,
  EndOperatorSessionPayload,
  OperatorSessionConnection,
  OperatorSessionsArgs,
} from "./operator-session.input.js";
import { actAsTenant, endOperatorSession, listOperatorSessions } from "./operator-session.service.js";
import { OperatorSession, toOperatorSession } from "./operator-session.type.js";

@Resolver(() => OperatorSession)
export class OperatorSessionResolver {
  @Query(() => OperatorSessionConnection, {
    nullable: true,
    description:
      "When platform operators acted in the tenant, newest first: for its administrators; of all tenants, for operators. Errors: BAD_USER_INPUT, NOT_FOUND.",
  })
  @Allow(anyOf(canInTenant("platform.read"), canInTenant("tenant.update")))
  operatorSessions(@Args(() => OperatorSessionsArgs) args: OperatorSessionsArgs, @Ctx() ctx: Context): Promise<Page<OperatorSession>> {
    return listOperatorSessions(ctx, args);
  }

  @FieldResolver(() => Tenant, { nullable: true, description: "Where the operator acts." })
  @Allow(inherit)
  tenant(@Root() session: OperatorSession, @Ctx() ctx: Context): Promise<Tenant | null> {
    return loadTenant(ctx, session.tenantUuid);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: "The user who stands for the operator in the tenant: the actor of what is done there. null from outside of it.",
  })
  @Allow(can("user.read"))
  standIn(@Root() session: OperatorSession, @Ctx() ctx: Context): Promise<User | null> {
    return loadUser(ctx, session.standInUuid);
  }

  @Mutation(() => ActAsTenantPayload, {
    description:
      "Opens a session inside a tenant, for 60 minutes at most: an administrator's view and hand, without users, roles, teams, settings; in a suspended tenant to look only. Audited there and here. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.act"))
  actAsTenant(
    @Arg("input", () => ActAsTenantInput, { description: "What to do." }) input: ActAsTenantInput,
    @Ctx() ctx: Context,
  ): Promise<ActAsTenantPayload> {
    return actAsTenant(ctx, input);
  }

  @Mutation(() => EndOperatorSessionPayload, {
    description:
      "Ends a platform operator's session at once, on its sockets too: by the tenant's administrator, or by operators. Errors: NOT_FOUND.",
  })
  @Allow(anyOf(canInTenant("platform.act"), canInTenant("tenant.update")))
  async endOperatorSession(
    @Arg("input", () => EndOperatorSessionInput, { description: "What to do." }) input: EndOperatorSessionInput,
    @Ctx() ctx: Context,
  ): Promise<EndOperatorSessionPayload> {
    return { session: toOperatorSession(await endOperatorSession(ctx, input)) };
  }
}
