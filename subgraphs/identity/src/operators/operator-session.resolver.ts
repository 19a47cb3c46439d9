import type { Context } from "@weft/api/context";
import { IdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { allOf, Allow, anyOf, can, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadTenant } from "../tenants/tenant.loader.js";
import { Tenant } from "../tenants/tenant.type.js";
import { loadUser } from "../users/user.loader.js";
import { User } from "../users/user.type.js";
import { ActAsTenantPayload, OperatorSessionConnection, OperatorSessionsArgs } from "./operator-session.input.js";
import { actAsTenant, endOperatorSession, listOperatorSessions } from "./operator-session.service.js";
import { ActAsTenantInput, OperatorSession, toOperatorSession, OperatorSessionPayload } from "./operator-session.type.js";

@Resolver(() => OperatorSession)
export class OperatorSessionResolver {
  @Query(() => OperatorSessionConnection, {
    nullable: true,
    description:
      "Sessions of platform operators in the tenant, newest first. Administrators see those in their tenant; operators see those in all tenants. Errors: BAD_USER_INPUT, NOT_FOUND.",
  })
  @Allow(anyOf(canInTenant("platform.read"), canInTenant("tenant.update")))
  operatorSessions(@Args(() => OperatorSessionsArgs) args: OperatorSessionsArgs, @Ctx() ctx: Context): Promise<Page<OperatorSession>> {
    return listOperatorSessions(ctx, args);
  }

  @FieldResolver(() => Tenant, { nullable: true, description: "Tenant in which the operator acts." })
  @Allow(inherit)
  tenant(@Root() session: OperatorSession, @Ctx() ctx: Context): Promise<Tenant | null> {
    return loadTenant(ctx, session.tenantUuid);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: "User that represents the operator in the tenant, and the actor of everything done there. Null outside the tenant.",
  })
  @Allow(can("user.read"))
  operatorUser(@Root() session: OperatorSession, @Ctx() ctx: Context): Promise<User | null> {
    return loadUser(ctx, session.operatorUserUuid);
  }

  @Mutation(() => ActAsTenantPayload, {
    description:
      "Opens a session inside a tenant for at most 60 minutes, with an administrator's rights except for users, roles, teams, and settings. Read-only in a suspended tenant. Audited in both tenants. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(allOf(canInTenant("platform.act"), inPerson))
  @RequiresRecentLogin()
  actAsTenant(
    @Arg("input", () => ActAsTenantInput, { description: "The input." }) input: ActAsTenantInput,
    @Ctx() ctx: Context,
  ): Promise<ActAsTenantPayload> {
    return actAsTenant(ctx, input);
  }

  @Mutation(() => OperatorSessionPayload, {
    description:
      "Ends a platform operator's session immediately, including its WebSockets. For administrators of the tenant and for operators. Errors: NOT_FOUND.",
  })
  @Allow(anyOf(canInTenant("platform.act"), canInTenant("tenant.update")))
  async endOperatorSession(
    @Arg("input", () => IdInput, { description: "The session." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<OperatorSessionPayload> {
    return { session: toOperatorSession(await endOperatorSession(ctx, input)) };
  }
}

export const operatorSessionModule: SubgraphModule = { resolvers: { organizations: [OperatorSessionResolver] } };
