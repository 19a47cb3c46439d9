import { identity } from "@weft/drizzle";
import type { Permission, Scope } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";
import type { Grant } from "../rights/grant.js";

const { roleAncestors, rolePermissions, userPermissions, userRoles } = identity;

export async function insertOverrides(tx: Tx, rows: readonly (typeof userPermissions.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await named("insertOverrides", tx.insert(userPermissions).values([...rows]));
}

export async function deleteOverrides(
  tx: Tx,
  { tenantId, userId, overrides }: { tenantId: string; userId: string; overrides: readonly Grant[] },
): Promise<void> {
  if (overrides.length === 0) return;
  const keys = sql.join(
    overrides.map(({ permission, scope }) => sql`(${permission}, ${scope})`),
    sql`, `,
  );
  await named(
    "deleteOverrides",
    tx
      .delete(userPermissions)
      .where(
        and(
          eq(userPermissions.tenantId, tenantId),
          eq(userPermissions.userId, userId),
          sql`(${userPermissions.permission}, ${userPermissions.scope}) in (${keys})`,
        ),
      ),
  );
}

/** Returns what the roles of each user grant, including by inheritance, without duplicates. */
export async function findRoleGrantsOfUsers(tx: Tx, userIds: readonly string[]): Promise<Map<string, Grant[]>> {
  const byUser = new Map<string, Grant[]>(userIds.map((id) => [id, []]));
  const rows = await named(
    "findRoleGrantsOfUsers",
    tx
      .selectDistinct({ userId: userRoles.userId, permission: rolePermissions.permission, scope: rolePermissions.scope })
      .from(userRoles)
      .innerJoin(roleAncestors, and(eq(roleAncestors.tenantId, userRoles.tenantId), eq(roleAncestors.roleId, userRoles.roleId)))
      .innerJoin(
        rolePermissions,
        and(eq(rolePermissions.tenantId, userRoles.tenantId), eq(rolePermissions.roleId, roleAncestors.ancestorId)),
      )
      .where(among(userRoles.userId, userIds)),
  );
  for (const { userId, permission, scope } of rows)
    byUser.get(userId)?.push({ permission: permission as Permission, scope: scope as Scope });
  return byUser;
}
