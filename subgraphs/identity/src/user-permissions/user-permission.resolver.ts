import { Allow, allOf, anyOf, can, canInTenant, inherit, self } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { loadUser } from "../users/user.loader.js";
import { toUser, User } from "../users/user.type.js";
import { SetUserPermissionsInput, SetUserPermissionsPayload } from "./user-permission.input.js";
import { loadEffectivePermissions, loadOverridesOfUser } from "./user-permission.loader.js";
import { setUserPermissions } from "./user-permission.service.js";
import { EffectivePermission, PermissionOverride } from "./user-permission.type.js";

@Resolver(() => User)
export class UserPermissionsResolver {
  @FieldResolver(() => [PermissionOverride], {
    nullable: true,
    description:
      "What the user is granted and denied beside the roles, by permission. For oneself, and for whoever has role.read in scope TENANT.",
  })
  @Allow(anyOf(canInTenant("role.read"), self))
  permissionOverrides(@Root() user: User, @Ctx() ctx: Context): Promise<PermissionOverride[]> {
    return loadOverridesOfUser(ctx, user.uuid);
  }

  @FieldResolver(() => [EffectivePermission], {
    nullable: true,
    description:
      "What roles, grants and denials come to, by permission; why: `explainAccess`. For oneself, and for whoever has role.read in scope TENANT. Of a vendor's people only what the vendor was given is left of it.",
  })
  @Allow(anyOf(canInTenant("role.read"), self))
  effectivePermissions(@Root() user: User, @Ctx() ctx: Context): Promise<EffectivePermission[]> {
    return loadEffectivePermissions(ctx, user.uuid);
  }

  @Mutation(() => SetUserPermissionsPayload, {
    description:
      "Grants and denies permissions to one user beside the roles, at once; a denial beats every grant. Errors: NOT_FOUND, BAD_USER_INPUT, FORBIDDEN (what you do not hold yourself; yourself), CONFLICT (also when no administrator would be left).",
  })
  @Allow(allOf(can("user.update"), canInTenant("role.update")))
  async setUserPermissions(
    @Arg("input", () => SetUserPermissionsInput, { description: "What to do." }) input: SetUserPermissionsInput,
    @Ctx() ctx: Context,
  ): Promise<SetUserPermissionsPayload> {
    return { user: toUser(await setUserPermissions(ctx, input)) };
  }
}

@Resolver(() => PermissionOverride)
export class PermissionOverrideResolver {
  @FieldResolver(() => User, { nullable: true, description: "Who did it, for whoever sees that user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: PermissionOverride, @Ctx() ctx: Context): Promise<User | null> | null {
    return createdByUuid === null ? null : loadUser(ctx, createdByUuid);
  }
}
