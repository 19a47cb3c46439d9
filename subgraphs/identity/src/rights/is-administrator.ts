import { identity } from "@weft/drizzle";
import { and, eq, isNull, ne, type SQL, sql } from "drizzle-orm";

const { roleAncestors, rolePermissions, userPermissions, userRoles, users } = identity;

/**
 * Condition on users: active, and can change users and roles in the entire tenant, without denials. Users of a vendor, for whom the database rejects
 * it, and operator users do not count.
 */
export function isAdministrator(): SQL | undefined {
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
  return and(
    eq(users.status, "ACTIVE"),
    isNull(users.vendorId),
    ne(users.type, "OPERATOR"),
    sql`(${holders("user.update")})`,
    sql`(${holders("role.update")})`,
  );
}
