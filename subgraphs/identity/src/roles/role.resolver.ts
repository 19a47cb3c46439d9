import { Allow, authenticated, can, canInTenant, decodeId, encodeId, inherit, NotFound, permissionCatalogue } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  CreateRoleInput,
  CreateRolePayload,
  DeleteRoleInput,
  DeleteRolePayload,
  SetRolePermissionsInput,
  SetRolePermissionsPayload,
  UpdateRoleInput,
  UpdateRolePayload,
} from "./role.input.js";
import { loadGrantsOfRole, loadRole } from "./role.loader.js";
import { createRole, deleteRole, listRoles, setRolePermissions, updateRole } from "./role.service.js";
import { PermissionEntry, PermissionGrant, Role, toRole } from "./role.type.js";

@Resolver(() => Role)
export class RoleResolver {
  @Query(() => Role, { nullable: true, description: "A role of the tenant. Errors: NOT_FOUND." })
  @Allow(can("role.read"))
  async role(@Arg("id", () => ID, { description: "TypeID." }) id: string, @Ctx() ctx: Context): Promise<Role> {
    const role = await loadRole(ctx, decodeId("role", id));
    if (!role) throw new NotFound("Role", id);
    return role;
  }

  @Query(() => [Role], { nullable: true, description: "All roles of the tenant, by key." })
  @Allow(can("role.read"))
  async roles(@Ctx() ctx: Context): Promise<Role[]> {
    return (await listRoles(ctx)).map(toRole);
  }

  @FieldResolver(() => [PermissionGrant], { description: "What the role grants, by permission." })
  @Allow(inherit)
  permissions(@Root() role: Role, @Ctx() ctx: Context): Promise<PermissionGrant[]> {
    return loadGrantsOfRole(ctx, role.uuid);
  }

  @Mutation(() => CreateRolePayload, {
    description: "Makes a role. You can grant only what you hold yourself. Errors: BAD_USER_INPUT, FORBIDDEN, CONFLICT.",
  })
  @Allow(canInTenant("role.update"))
  async createRole(
    @Arg("input", () => CreateRoleInput, { description: "What to do." }) input: CreateRoleInput,
    @Ctx() ctx: Context,
  ): Promise<CreateRolePayload> {
    return { role: toRole(await createRole(ctx, input)) };
  }

  @Mutation(() => UpdateRolePayload, {
    description: "Changes what a role is called; its key stays. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("role.update"))
  async updateRole(
    @Arg("input", () => UpdateRoleInput, { description: "What to do." }) input: UpdateRoleInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateRolePayload> {
    return { role: toRole(await updateRole(ctx, input)) };
  }

  @Mutation(() => DeleteRolePayload, {
    description: "Deletes a role that nobody has. Shipped roles stay. Errors: NOT_FOUND, CONFLICT (also while somebody has the role).",
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
  @Query(() => [PermissionEntry], { nullable: true, description: "Every permission that a role can grant." })
  @Allow(authenticated)
  permissions(): PermissionEntry[] {
    return Object.entries(permissionCatalogue).map(([name, description]) => Object.assign(new PermissionEntry(), { name, description }));
  }
}
