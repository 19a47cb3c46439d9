import { NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { Allow, authenticated, can, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { RoleConnection, RolesArgs, SetRolePermissionsInput } from "./role.input.js";
import { createPermission, listPermissions } from "./custom-permissions/custom-permission.service.js";
import { listRoles } from "./role-list.service.js";
import { loadGrantsOfRole, loadInheritedGrantsOfRole, loadParentsOfRole, loadRole, loadRoles } from "./role.loader.js";
import { createRole, deleteRole, setRolePermissions, updateRole } from "./role.service.js";
import {
  CreatePermissionInput,
  CreateRoleInput,
  InheritedGrant,
  PermissionEntry,
  PermissionGrant,
  Role,
  toRole,
  RolePayload,
  UpdateRoleInput,
} from "./role.type.js";
import { PermissionPayload } from "./permission-payload.type.js";

@Resolver(() => Role)
export class RoleResolver {
  @Query(() => Role, { nullable: true, description: "A role of the tenant. Errors: NOT_FOUND." })
  @Allow(can("role.read"))
  async role(@Arg("id", () => ID, { description: "TypeID." }) id: string, @Ctx() ctx: Context): Promise<Role> {
    const role = await loadRole(ctx, decodeId("role", id));
    if (!role) throw new NotFound("Role", id);
    return role;
  }

  @Query(() => RoleConnection, { nullable: true, description: "Roles of the tenant that you can see. Errors: BAD_USER_INPUT." })
  @Allow(can("role.read"))
  roles(@Args(() => RolesArgs) args: RolesArgs, @Ctx() ctx: Context): Promise<Page<Role>> {
    return listRoles(ctx, args);
  }

  @FieldResolver(() => [PermissionGrant], { description: "Permissions that the role itself grants, by name." })
  @Allow(inherit)
  permissions(@Root() role: Role, @Ctx() ctx: Context): Promise<PermissionGrant[]> {
    return loadGrantsOfRole(ctx, role.uuid);
  }

  @FieldResolver(() => [Role], { description: "Roles that it inherits from directly, by key." })
  @Allow(inherit)
  parents(@Root() role: Role, @Ctx() ctx: Context): Promise<Role[]> {
    return loadParentsOfRole(ctx, role.uuid);
  }

  @FieldResolver(() => [InheritedGrant], {
    description: "Permissions inherited from other roles, by name. Together with `permissions`, these are all permissions of the role.",
  })
  @Allow(inherit)
  inheritedPermissions(@Root() role: Role, @Ctx() ctx: Context): Promise<InheritedGrant[]> {
    return loadInheritedGrantsOfRole(ctx, role.uuid);
  }

  @Mutation(() => RolePayload, {
    description:
      "Creates a role. You can only grant, or inherit, permissions that you have. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, FORBIDDEN, CONFLICT.",
  })
  @Allow(canInTenant("role.update"))
  @RequiresRecentLogin()
  async createRole(
    @Arg("input", () => CreateRoleInput, { description: "The input." }) input: CreateRoleInput,
    @Ctx() ctx: Context,
  ): Promise<RolePayload> {
    return { role: toRole(await createRole(ctx, input)) };
  }

  @Mutation(() => RolePayload, {
    description:
      "Changes the name, description, parents, or requirements of a role. Its key cannot change. New parents take effect immediately for all users with the role. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT (also for a cycle), FORBIDDEN, CONFLICT.",
  })
  @Allow(canInTenant("role.update"))
  @RequiresRecentLogin()
  async updateRole(
    @Arg("input", () => UpdateRoleInput, { description: "The input." }) input: UpdateRoleInput,
    @Ctx() ctx: Context,
  ): Promise<RolePayload> {
    return { role: toRole(await updateRole(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a role that no user has and no role inherits from. Built-in roles cannot be deleted. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (also while a user has the role).",
  })
  @Allow(canInTenant("role.update"))
  @RequiresRecentLogin()
  async deleteRole(
    @Arg("input", () => VersionedIdInput, { description: "The role." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: encodeId("role", await deleteRole(ctx, input)) };
  }

  @Mutation(() => RolePayload, {
    description:
      "Replaces the permissions of a role. This takes effect immediately for all users with the role. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, FORBIDDEN, CONFLICT (also if no administrator would be left).",
  })
  @Allow(canInTenant("role.update"))
  @RequiresRecentLogin()
  async setRolePermissions(
    @Arg("input", () => SetRolePermissionsInput, { description: "The input." }) input: SetRolePermissionsInput,
    @Ctx() ctx: Context,
  ): Promise<RolePayload> {
    return { role: toRole(await setRolePermissions(ctx, input)) };
  }
}

@Resolver(() => PermissionEntry)
export class PermissionResolver {
  @Query(() => [PermissionEntry], { nullable: true, description: "All permissions that roles can grant. Custom permissions come last." })
  @Allow(authenticated)
  permissions(@Ctx() ctx: Context): Promise<PermissionEntry[]> {
    return listPermissions(ctx);
  }

  @Mutation(() => PermissionPayload, {
    description:
      "Creates a custom permission, which roles can grant and definitions can require (`allow: { permissions: [custom.approveBudget] }`). The role admin grants it from the start. It cannot be deleted. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("role.update"))
  @RequiresRecentLogin()
  async createPermission(
    @Arg("input", () => CreatePermissionInput, { description: "The input." }) input: CreatePermissionInput,
    @Ctx() ctx: Context,
  ): Promise<PermissionPayload> {
    return { permission: await createPermission(ctx, input) };
  }
}

export const roleModule: SubgraphModule = { resolvers: { people: [RoleResolver, PermissionResolver] }, references: { Role: loadRoles } };
