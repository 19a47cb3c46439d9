import { Allow, authenticated, can, canInTenant, decodeId, encodeId, inherit, NotFound } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  CreatePermissionInput,
  CreatePermissionPayload,
  CreateRoleInput,
  CreateRolePayload,
  DeleteRoleInput,
  DeleteRolePayload,
  RoleConnection,
  RolesArgs,
  SetRolePermissionsInput,
  SetRolePermissionsPayload,
  UpdateRoleInput,
  UpdateRolePayload,
} from "./role.input.js";
import { createPermission, listPermissions } from "./custom-permission.service.js";
import { listRoles } from "./role-list.service.js";
import { loadGrantsOfRole, loadInheritedGrantsOfRole, loadParentsOfRole, loadRole } from "./role.loader.js";
import { createRole, deleteRole, setRolePermissions, updateRole } from "./role.service.js";
import { InheritedGrant, PermissionEntry, PermissionGrant, Role, toRole } from "./role.type.js";

@Resolver(() => Role)
export class RoleResolver {
  @Query(() => Role, { nullable: true, description: "A role of the tenant. Errors: NOT_FOUND." })
  @Allow(can("role.read"))
  async role(@Arg("id", () => ID, { description: "TypeID." }) id: string, @Ctx() ctx: Context): Promise<Role> {
    const role = await loadRole(ctx, decodeId("role", id));
    if (!role) throw new NotFound("Role", id);
    return role;
  }

  @Query(() => RoleConnection, { nullable: true, description: "The tenant's roles, as far as you see them. Errors: BAD_USER_INPUT." })
  @Allow(can("role.read"))
  roles(@Args(() => RolesArgs) args: RolesArgs, @Ctx() ctx: Context): Promise<Page<Role>> {
    return listRoles(ctx, args);
  }

  @FieldResolver(() => [PermissionGrant], { description: "What the role grants itself, by permission." })
  @Allow(inherit)
  permissions(@Root() role: Role, @Ctx() ctx: Context): Promise<PermissionGrant[]> {
    return loadGrantsOfRole(ctx, role.uuid);
  }

  @FieldResolver(() => [Role], { description: "The roles that it inherits from directly, by key." })
  @Allow(inherit)
  parents(@Root() role: Role, @Ctx() ctx: Context): Promise<Role[]> {
    return loadParentsOfRole(ctx, role.uuid);
  }

  @FieldResolver(() => [InheritedGrant], {
    description: "What it has from the roles above it, by permission; together with `permissions` all that it gives.",
  })
  @Allow(inherit)
  inheritedPermissions(@Root() role: Role, @Ctx() ctx: Context): Promise<InheritedGrant[]> {
    return loadInheritedGrantsOfRole(ctx, role.uuid);
  }

  @Mutation(() => CreateRolePayload, {
    description:
      "Makes a role. You can grant, and let it inherit, only what you hold yourself. Errors: BAD_USER_INPUT, FORBIDDEN, CONFLICT.",
  })
  @Allow(canInTenant("role.update"))
  async createRole(
    @Arg("input", () => CreateRoleInput, { description: "What to do." }) input: CreateRoleInput,
    @Ctx() ctx: Context,
  ): Promise<CreateRolePayload> {
    return { role: toRole(await createRole(ctx, input)) };
  }

  @Mutation(() => UpdateRolePayload, {
    description:
      "Changes what a role is called and what it inherits from; its key stays. New parents hold at once for everybody who has the role. Errors: NOT_FOUND, BAD_USER_INPUT (also a circle), FORBIDDEN, CONFLICT.",
  })
  @Allow(canInTenant("role.update"))
  async updateRole(
    @Arg("input", () => UpdateRoleInput, { description: "What to do." }) input: UpdateRoleInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateRolePayload> {
    return { role: toRole(await updateRole(ctx, input)) };
  }

  @Mutation(() => DeleteRolePayload, {
    description:
      "Deletes a role that nobody has and none inherits from. Shipped roles stay. Errors: NOT_FOUND, CONFLICT (also while somebody has the role).",
  })
  @Allow(canInTenant("role.update"))
  async deleteRole(
    @Arg("input", () => DeleteRoleInput, { description: "What to do." }) input: DeleteRoleInput,
    @Ctx() ctx: Context,
  ): Promise<DeleteRolePayload> {
    return { roleId: encodeId("role", await deleteRole(ctx, input)) };
  }

  @Mutation(() => SetRolePermissionsPayload, {
    description:
      "Replaces what a role grants; it holds at once for everybody who has the role. Errors: NOT_FOUND, BAD_USER_INPUT, FORBIDDEN, CONFLICT (also when no administrator would be left).",
  })
  @Allow(canInTenant("role.update"))
  async setRolePermissions(
    @Arg("input", () => SetRolePermissionsInput, { description: "What to do." }) input: SetRolePermissionsInput,
    @Ctx() ctx: Context,
  ): Promise<SetRolePermissionsPayload> {
    return { role: toRole(await setRolePermissions(ctx, input)) };
  }
}

@Resolver(() => PermissionEntry)
export class PermissionResolver {
  @Query(() => [PermissionEntry], { nullable: true, description: "Every permission that a role can grant, the tenant's own last." })
  @Allow(authenticated)
  permissions(@Ctx() ctx: Context): Promise<PermissionEntry[]> {
    return listPermissions(ctx);
  }

  @Mutation(() => CreatePermissionPayload, {
    description:
      "Makes a permission of the tenant's own, for roles to grant and definitions to ask for (`allow: { permissions: [custom.approveBudget] }`). The role admin grants it from the start. It stays. Errors: BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("role.update"))
  async createPermission(
    @Arg("input", () => CreatePermissionInput, { description: "What to do." }) input: CreatePermissionInput,
    @Ctx() ctx: Context,
  ): Promise<CreatePermissionPayload> {
    return { permission: await createPermission(ctx, input) };
  }
}
