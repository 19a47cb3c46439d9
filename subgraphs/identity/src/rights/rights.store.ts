import { identity } from "@weft/drizzle";
import { among, named } from "@weft/shared";
import type { Tx } from "@weft/shared";
import { and, asc, eq, sql } from "drizzle-orm";
import type { Grant } from "./grant.js";

const { rolePermissions, roles, tenants, userRoles, users } = identity;

/** What each role grants, ordered by permission. */
export async function findGrantsOfRoles(tx: Tx, roleIds: readonly string[]): Promise<Map<string, Grant[]>> {
  const grants = new Map<string, Grant[]>(roleIds.map((id) => [id, []]));
  if (roleIds.length === 0) return grants;
  const rows = await named(
    "findGrantsOfRoles",
    tx
      .select({ roleId: rolePermissions.roleId, permission: rolePermissions.permission, scope: rolePermissions.scope })
      .from(rolePermissions)
      .where(among(rolePermissions.roleId, roleIds))
      .orderBy(asc(rolePermissions.permission), asc(rolePermissions.scope)),
  );
  for (const { roleId, permission, scope } of rows) grants.get(roleId)?.push({ permission, scope } as Grant);
  return grants;
}

/** The keys of the roles, by which definitions name them. */
export async function findRoleKeys(tx: Tx, roleIds: readonly string[]): Promise<string[]> {
  if (roleIds.length === 0) return [];
  const rows = await named(
    "findRoleKeys",
    tx.select({ key: roles.key }).from(roles).where(among(roles.id, roleIds)).orderBy(asc(roles.key)),
  );
  return rows.map((row) => row.key);
}

/** The rights of these users are no longer what they were: viewers and sockets that were opened with them are. */
export async function raiseRightsVersion(tx: Tx, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  await named(
    "raiseRightsVersion",
    tx
      .update(users)
      .set({ rightsVersion: sql`${users.rightsVersion} + 1` })
      .where(among(users.id, userIds)),
  );
}

/**
 * Makes changes of rights in a tenant wait for each other, until commit. Without it two administrators could remove one another at the
 * same moment, each still seeing the other as the one who remains.
 */
export async function lockRights(tx: Tx, tenantId: string): Promise<void> {
  await named(
    "lockRights",
    tx.select({ tenantId: tenants.tenantId }).from(tenants).where(eq(tenants.tenantId, tenantId)).for("no key update"),
  );
}

/** Whether somebody active is left who can change users and roles in the whole tenant. */
export async function hasAdministrator(tx: Tx): Promise<boolean> {
  const holders = (permission: string) => sql`exists (
    select 1 from ${userRoles} join ${rolePermissions}
      on ${rolePermissions.tenantId} = ${userRoles.tenantId} and ${rolePermissions.roleId} = ${userRoles.roleId}
    where ${userRoles.tenantId} = ${users.tenantId} and ${userRoles.userId} = ${users.id}
      and ${rolePermissions.permission} = ${permission} and ${rolePermissions.scope} = 'TENANT')`;
  const rows = await named(
    "hasAdministrator",
    tx
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.status, "ACTIVE"), holders("user.update"), holders("role.update")))
      .limit(1),
  );
  return rows.length > 0;
}
