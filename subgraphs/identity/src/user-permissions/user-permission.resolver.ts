import type { Context } from "@weft/api/context";
import { allOf, Allow, anyOf, can, canInTenant, inherit, RequiresRecentLogin, self } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { loadUser } from "../users/user.loader.js";
import { toUser, User, UserPayload } from "../users/user.type.js";
import { SetUserPermissionsInput } from "./user-permission.input.js";
import { loadEffectivePermissions, loadOverridesOfUser } from "./user-permission.loader.js";
import { setUserPermissions } from "./user-permission.service.js";
import { EffectivePermission, PermissionOverride } from "./user-permission.type.js";

@Resolver(() => User)
export class UserPermissionsResolver {
  @FieldResolver(() => [PermissionOverride], {
    nullable: true,
    description: "Permissions granted or denied in addition to the roles. Visible to the user, and with role.read in scope TENANT.",
  })
  @Allow(anyOf(canInTenant("role.read"), self))
  permissionOverrides(@Root() user: User, @Ctx() ctx: Context): Promise<PermissionOverride[]> {
    return loadOverridesOfUser(ctx, user.uuid);
  }

  @FieldResolver(() => [EffectivePermission], {
    nullable: true,
    description:
      "Effective permissions from roles, grants, and denials (for reasons, see `explainAccess`). Visible to the user, and with role.read in scope TENANT. Users of a vendor are limited to what was assigned to the vendor.",
  })
  @Allow(anyOf(canInTenant("role.read"), self))
  effectivePermissions(@Root() user: User, @Ctx() ctx: Context): Promise<EffectivePermission[]> {
    return loadEffectivePermissions(ctx, user.uuid);
  }

  @Mutation(() => UserPayload, {
    description:
      "Grants and denies permissions to one user in addition to the roles. Takes effect immediately. A denial overrides every grant. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, FORBIDDEN (permissions that you do not have; yourself), CONFLICT (also if no administrator would be left).",
  })
  @Allow(allOf(can("user.update"), canInTenant("role.update")))
  @RequiresRecentLogin()
  async setUserPermissions(
    @Arg("input", () => SetUserPermissionsInput, { description: "The input." }) input: SetUserPermissionsInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await setUserPermissions(ctx, input)) };
  }
}

@Resolver(() => PermissionOverride)
export class PermissionOverrideResolver {
  @FieldResolver(() => User, { nullable: true, description: "User who made the change, if you can see that user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: PermissionOverride, @Ctx() ctx: Context): Promise<User | null> | null {
    return createdByUuid === null ? null : loadUser(ctx, createdByUuid);
  }
}

export const userPermissionsModule: SubgraphModule = { resolvers: { people: [UserPermissionsResolver, PermissionOverrideResolver] } };
