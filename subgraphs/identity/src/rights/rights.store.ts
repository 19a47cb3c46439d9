import { identity } from "@weft/drizzle";
import type { Scope } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, isNotNull, ne, or, sql } from "drizzle-orm";
import type { Grant, Override } from "./grant.js";
import { isAdministrator } from "./is-administrator.js";

const { roleAncestors, rolePermissions, roles, userPermissions, users } = identity;

/** Returns the grants of each role itself, ordered by permission. */
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

/** Returns the effective grants of each role, own and inherited, without duplicates, ordered by permission. */
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

/** Returns the role keys by which definitions can refer to users with these roles: the keys of the roles and of the roles they inherit from. */
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

/** Returns the grants and denials of each user in addition to their roles, ordered by permission. */
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

/**
 * Returns what the roles of the users, their ancestors and the users' own grants give in some scopes, unless they give it to the same user in scope TENANT
 * too. Each permission once, whoever has it.
 */
export async function findNarrowGrantsOfUsers(tx: Tx, userIds: readonly string[], scopes: readonly Scope[]): Promise<Grant[]> {
  const ids = sql`${sql.param([...userIds])}::uuid[]`;
  const rows = await tx.execute<{ permission: string; scope: string }>(
    named(
      "findNarrowGrantsOfUsers",
      sql`with held as (
          select ur.user_id, p.permission, p.scope from identity.user_roles ur
            join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
            join identity.role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.ancestor_id
           where ur.user_id = any(${ids})
          union select user_id, permission, scope from identity.user_permissions where user_id = any(${ids}) and effect = 'GRANT'
        )
        select distinct permission, scope from held narrow
         where scope = any(${sql.param([...scopes])}::text[]) and not exists (
           select from held wide where wide.user_id = narrow.user_id and wide.permission = narrow.permission and wide.scope = 'TENANT')
         order by permission, scope`,
    ),
  );
  return rows.map(({ permission, scope }) => ({ permission, scope }) as Grant);
}

/** Returns everything that an employee of the tenant has, through roles and own grants. Users who are disabled can be reactivated, so they count too. */
export async function findGrantsOfEmployees(tx: Tx): Promise<Grant[]> {
  const rows = await tx.execute<{ permission: string; scope: string }>(
    named(
      "findGrantsOfEmployees",
      sql`select distinct p.permission, p.scope from identity.user_roles ur
        join identity.users u on u.tenant_id = ur.tenant_id and u.id = ur.user_id and u.type = 'EMPLOYEE'
        join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
        join identity.role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.ancestor_id
       union select o.permission, o.scope from identity.user_permissions o
        join identity.users u on u.tenant_id = o.tenant_id and u.id = o.user_id and u.type = 'EMPLOYEE'
       where o.effect = 'GRANT'
       order by 1, 2`,
    ),
  );
  return rows.map(({ permission, scope }) => ({ permission, scope }) as Grant);
}

/** Returns everything that users with a role, or with one that inherits from it, have through all their roles and own grants. */
export async function findGrantsOfHolders(tx: Tx, roleId: string): Promise<Grant[]> {
  const rows = await tx.execute<{ permission: string; scope: string }>(
    named(
      "findGrantsOfHolders",
      sql`with holders as (
          select distinct ur.user_id from identity.role_ancestors a
            join identity.user_roles ur on ur.tenant_id = a.tenant_id and ur.role_id = a.role_id
           where a.tenant_id = app.tenant() and a.ancestor_id = ${roleId}::uuid)
        select p.permission, p.scope from holders h
          join identity.user_roles ur on ur.tenant_id = app.tenant() and ur.user_id = h.user_id
          join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
          join identity.role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.ancestor_id
        union select o.permission, o.scope from holders h
          join identity.user_permissions o on o.tenant_id = app.tenant() and o.user_id = h.user_id and o.effect = 'GRANT'
        order by 1, 2`,
    ),
  );
  return rows.map(({ permission, scope }) => ({ permission, scope }) as Grant);
}

/** An active user who can change users and roles in the entire tenant, without denials. */
export interface Administrator {
  readonly id: string;
  readonly email: string;
}

/** Returns whether an administrator could log in without an identity provider: with a password, or with one that they choose by a link in an email. */
export async function hasAdministratorWithLogin(tx: Tx, { canSendMail }: { canSendMail: boolean }): Promise<boolean> {
  // Not `isOwnerProven`: whoever reads the mailbox can choose a password.
  const canLogIn = canSendMail ? or(isNotNull(users.passwordHash), isNotNull(users.emailVerifiedAt)) : isNotNull(users.passwordHash);
  const rows = await named(
    "hasAdministratorWithLogin",
    tx
      .select({ id: users.id })
      .from(users)
      .where(and(ne(users.type, "SERVICE"), canLogIn, isAdministrator()))
      .limit(1),
  );
  return rows.length > 0;
}

/** Returns some administrators, by ID. */
export function findAdministrators(tx: Tx, max: number): Promise<Administrator[]> {
  return named(
    "findAdministrators",
    tx.select({ id: users.id, email: users.email }).from(users).where(isAdministrator()).orderBy(asc(users.id)).limit(max),
  );
}
