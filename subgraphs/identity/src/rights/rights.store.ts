import { identity } from "@weft/drizzle";
import { among, named } from "@weft/shared";
import type { Tx } from "@weft/shared";
import { and, asc, eq, isNull, ne, sql } from "drizzle-orm";
import type { Grant, Override } from "./grant.js";

const { roleAncestors, rolePermissions, roles, tenants, userPermissions, userRoles, users } = identity;

/** What each role grants itself, ordered by permission. */
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

/** What each role gives who has it: its own grants and those that it inherits, each once, ordered by permission. */
export async function findEffectiveGrantsOfRoles(tx: Tx, roleIds: readonly string[]): Promise<Map<string, Grant[]>> {
  const grants = new Map<string, Grant[]>(roleIds.map((id) => [id, []]));
  if (roleIds.length === 0) return grants;
  const rows = await named(
    "findEffectiveGrantsOfRoles",
    tx
      .selectDistinct({ roleId: roleAncestors.roleId, permission: rolePermissions.permission, scope: rolePermissions.scope })
      .from(roleAncestors)
      .innerJoin(
        rolePermissions,
        and(eq(rolePermissions.tenantId, roleAncestors.tenantId), eq(rolePermissions.roleId, roleAncestors.ancestorId)),
      )
      .where(among(roleAncestors.roleId, roleIds))
      .orderBy(asc(rolePermissions.permission), asc(rolePermissions.scope)),
  );
  for (const { roleId, permission, scope } of rows) grants.get(roleId)?.push({ permission, scope } as Grant);
  return grants;
}

/** The keys by which definitions may name whoever has one of the roles: of the roles, and of those that they inherit from. */
export async function findAncestorKeys(tx: Tx, roleIds: readonly string[]): Promise<string[]> {
  if (roleIds.length === 0) return [];
  const rows = await named(
    "findAncestorKeys",
    tx
      .selectDistinct({ key: roles.key })
      .from(roleAncestors)
      .innerJoin(roles, and(eq(roles.tenantId, roleAncestors.tenantId), eq(roles.id, roleAncestors.ancestorId)))
      .where(among(roleAncestors.roleId, roleIds))
      .orderBy(asc(roles.key)),
  );
  return rows.map((row) => row.key);
}

/** What each user is granted and denied beside his roles, ordered by permission. */
export async function findOverridesOfUsers(tx: Tx, userIds: readonly string[]): Promise<Map<string, Override[]>> {
  const overrides = new Map<string, Override[]>(userIds.map((id) => [id, []]));
  if (userIds.length === 0) return overrides;
  const rows = await named(
    "findOverridesOfUsers",
    tx
      .select()
      .from(userPermissions)
      .where(among(userPermissions.userId, userIds))
      .orderBy(asc(userPermissions.permission), asc(userPermissions.scope)),
  );
  for (const row of rows) overrides.get(row.userId)?.push(row as Override);
  return overrides;
}

/** What a user's roles, and those above them, and his own grants give him. */
export async function findGrantsOfUser(tx: Tx, userId: string): Promise<Grant[]> {
  const rows = await tx.execute<{ permission: string; scope: string }>(
    named(
      "findGrantsOfUser",
      sql`select p.permission, p.scope from identity.user_roles ur
        join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
        join identity.role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.ancestor_id
       where ur.user_id = ${userId}
       union select permission, scope from identity.user_permissions where user_id = ${userId} and effect = 'GRANT'`,
    ),
  );
  return rows.map(({ permission, scope }) => ({ permission, scope }) as Grant);
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

/** The rights version of somebody active, which stays what it is until commit; null for everybody else. */
export async function lockRightsOf(tx: Tx, userId: string): Promise<number | null> {
  const [row] = await named(
    "lockRightsOf",
    tx.select({ rightsVersion: users.rightsVersion, status: users.status }).from(users).where(eq(users.id, userId)).for("share"),
  );
  return row?.status === "ACTIVE" ? row.rightsVersion : null;
}

/**
 * Whether somebody active is left who can change users and roles in the whole tenant: no part of it may be denied him, and neither a vendor's people, to whom
 * the database refuses it, nor the stand-in of a platform operator count.
 */
export async function hasAdministrator(tx: Tx): Promise<boolean> {
  const holders = (permission: string) => sql`(exists (
    select 1 from ${userRoles}
      join ${roleAncestors} on ${roleAncestors.tenantId} = ${userRoles.tenantId} and ${roleAncestors.roleId} = ${userRoles.roleId}
      join ${rolePermissions} on ${rolePermissions.tenantId} = ${userRoles.tenantId} and ${rolePermissions.roleId} = ${roleAncestors.ancestorId}
    where ${userRoles.tenantId} = ${users.tenantId} and ${userRoles.userId} = ${users.id}
      and ${rolePermissions.permission} = ${permission} and ${rolePermissions.scope} = 'TENANT')
    or exists (${overrides(permission)} and ${userPermissions.effect} = 'GRANT' and ${userPermissions.scope} = 'TENANT'))
    and not exists (${overrides(permission)} and ${userPermissions.effect} = 'DENY')`;
  const overrides = (permission: string) => sql`select 1 from ${userPermissions}
    where ${userPermissions.tenantId} = ${users.tenantId} and ${userPermissions.userId} = ${users.id} and ${userPermissions.permission} = ${permission}`;
  const rows = await named(
    "hasAdministrator",
    tx
      .select({ id: users.id })
      .from(users)
      .where(
        and(eq(users.status, "ACTIVE"), isNull(users.vendorId), ne(users.type, "OPERATOR"), holders("user.update"), holders("role.update")),
      )
      .limit(1),
  );
  return rows.length > 0;
}
