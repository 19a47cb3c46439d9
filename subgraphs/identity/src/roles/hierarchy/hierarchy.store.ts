import { identity } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, eq } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { ParentsByRole } from "./hierarchy.js";
import { visibleRoles } from "../role.store.js";
import type { RoleRow } from "../role.store.js";

const { roleAncestors, roleParents, rolePermissions, roles } = identity;

/** Returns the parents of every role of the tenant that has any. */
export const findAllParents = (tx: Tx): Promise<ParentsByRole> => findParents(tx, undefined);

/** Returns the parents of these roles. */
export const findParentsOf = (tx: Tx, roleIds: readonly string[]): Promise<ParentsByRole> =>
  findParents(tx, among(roleParents.roleId, roleIds));

async function findParents(tx: Tx, where: SQL | undefined): Promise<ParentsByRole> {
  const rows = await named(
    "findParents",
    tx
      .select({ roleId: roleParents.roleId, parentId: roleParents.parentId })
      .from(roleParents)
      .where(where)
      .orderBy(asc(roleParents.roleId), asc(roleParents.parentId)),
  );
  const parents = new Map<string, string[]>();
  for (const { roleId, parentId } of rows) parents.set(roleId, [...(parents.get(roleId) ?? []), parentId]);
  return parents;
}

/** Returns the roles that each role inherits from directly and that the viewer can see, ordered by key. */
export async function findVisibleParentsOfRoles(tx: Tx, viewer: Viewer, roleIds: readonly string[]): Promise<Map<string, RoleRow[]>> {
  const byRole = new Map<string, RoleRow[]>(roleIds.map((id) => [id, []]));
  const rows = await named(
    "findVisibleParentsOfRoles",
    tx
      .select({ roleId: roleParents.roleId, parent: roles })
      .from(roleParents)
      .innerJoin(roles, and(eq(roles.tenantId, roleParents.tenantId), eq(roles.id, roleParents.parentId)))
      .where(and(among(roleParents.roleId, roleIds), visibleRoles(viewer)))
      .orderBy(asc(roles.key), asc(roles.id)),
  );
  for (const { roleId, parent } of rows) byRole.get(roleId)?.push(parent);
  return byRole;
}

/** A grant that a role inherits. `grantedBy` is the key of the ancestor. */
export interface InheritedGrantRow {
  readonly permission: string;
  readonly scope: string;
  readonly grantedBy: string;
}

/** Returns the inherited grants of each role, ordered by permission. */
export async function findInheritedGrantsOfRoles(tx: Tx, roleIds: readonly string[]): Promise<Map<string, InheritedGrantRow[]>> {
  const byRole = new Map<string, InheritedGrantRow[]>(roleIds.map((id) => [id, []]));
  const rows = await named(
    "findInheritedGrantsOfRoles",
    tx
      .select({
        roleId: roleAncestors.roleId,
        ancestorId: roleAncestors.ancestorId,
        permission: rolePermissions.permission,
        scope: rolePermissions.scope,
        grantedBy: roles.key,
      })
      .from(roleAncestors)
      .innerJoin(roles, and(eq(roles.tenantId, roleAncestors.tenantId), eq(roles.id, roleAncestors.ancestorId)))
      .innerJoin(rolePermissions, and(eq(rolePermissions.tenantId, roles.tenantId), eq(rolePermissions.roleId, roles.id)))
      .where(among(roleAncestors.roleId, roleIds))
      .orderBy(asc(rolePermissions.permission), asc(rolePermissions.scope), asc(roles.key)),
  );
  for (const { roleId, ancestorId, ...grant } of rows) if (ancestorId !== roleId) byRole.get(roleId)?.push(grant);
  return byRole;
}

/** Returns the keys of all roles that inherit directly from this one. */
export async function findKeysOfChildren(tx: Tx, roleId: string): Promise<string[]> {
  const rows = await named(
    "findKeysOfChildren",
    tx
      .select({ key: roles.key })
      .from(roleParents)
      .innerJoin(roles, and(eq(roles.tenantId, roleParents.tenantId), eq(roles.id, roleParents.roleId)))
      .where(eq(roleParents.parentId, roleId))
      .orderBy(asc(roles.key)),
  );
  return rows.map(({ key }) => key);
}

export async function replaceParents(
  tx: Tx,
  { tenantId, roleId, parentIds }: { tenantId: string; roleId: string; parentIds: readonly string[] },
): Promise<void> {
  await named("deleteParents", tx.delete(roleParents).where(eq(roleParents.roleId, roleId)));
  if (parentIds.length > 0)
    await named("insertParents", tx.insert(roleParents).values(parentIds.map((parentId) => ({ tenantId, roleId, parentId }))));
}

/** Rewrites the ancestors of these roles based on their parents. Each role is also its own ancestor. */
export async function replaceAncestors(
  tx: Tx,
  { tenantId, ancestors }: { tenantId: string; ancestors: ReadonlyMap<string, readonly string[]> },
): Promise<void> {
  const rows = [...ancestors].flatMap(([roleId, above]) => above.map((ancestorId) => ({ tenantId, roleId, ancestorId })));
  await named("deleteAncestors", tx.delete(roleAncestors).where(among(roleAncestors.roleId, [...ancestors.keys()])));
  // Well below the limit of 65,535 parameters per statement.
  for (let start = 0; start < rows.length; start += 5_000)
    await named("insertAncestors", tx.insert(roleAncestors).values(rows.slice(start, start + 5_000)));
}
