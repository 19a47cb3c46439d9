import type { Context } from "@weft/api/context";
import { findGrantsOfRoles } from "../rights/rights.service.js";
import { findInheritedGrantsOfRoles, findVisibleParentsOfRoles } from "./hierarchy/hierarchy.store.js";
import type { InheritedGrant, PermissionGrant } from "./role.type.js";
import { toRole } from "./role.type.js";
import type { Role } from "./role.type.js";
import { findRolesOfUsers, findVisibleRolesByIds } from "./role.store.js";

/** Loads the role with this UUID, or null if the viewer cannot see it. */
export async function loadRole(ctx: Context, uuid: string): Promise<Role | null> {
  const row = await ctx.loader("identity.role", (tx, ids: readonly string[]) => findVisibleRolesByIds(tx, ctx.viewer, ids)).load(uuid);
  return row && toRole(row);
}

export function loadRoles(ctx: Context, uuids: readonly string[]): Promise<(Role | null)[]> {
  return Promise.all(uuids.map((uuid) => loadRole(ctx, uuid)));
}

/** Loads the roles of a user that the viewer can see. */
export async function loadRolesOfUser(ctx: Context, userUuid: string): Promise<Role[]> {
  const { viewer } = ctx;
  const rows = await ctx.loader("identity.rolesOfUser", (tx, ids: readonly string[]) => findRolesOfUsers(tx, viewer, ids)).load(userUuid);
  return (rows ?? []).map(toRole);
}

export async function loadGrantsOfRole(ctx: Context, roleUuid: string): Promise<PermissionGrant[]> {
  const grants = await ctx.loader("identity.grantsOfRole", findGrantsOfRoles).load(roleUuid);
  return (grants ?? []) as PermissionGrant[];
}

export async function loadParentsOfRole(ctx: Context, roleUuid: string): Promise<Role[]> {
  const rows = await ctx
    .loader("identity.parentsOfRole", (tx, ids: readonly string[]) => findVisibleParentsOfRoles(tx, ctx.viewer, ids))
    .load(roleUuid);
  return (rows ?? []).map(toRole);
}

export async function loadInheritedGrantsOfRole(ctx: Context, roleUuid: string): Promise<InheritedGrant[]> {
  const grants = await ctx.loader("identity.inheritedGrantsOfRole", findInheritedGrantsOfRoles).load(roleUuid);
  return (grants ?? []) as InheritedGrant[];
}
