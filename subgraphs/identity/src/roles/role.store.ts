import { withinScopes } from "@weft/platform/rights";
import { identity } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { roleAncestors, rolePermissions, roles, userRoles } = identity;

export type RoleRow = typeof roles.$inferSelect;

/** Roles visible to a viewer: all roles of the tenant with `role.read` in scope TENANT, and always the viewer's own, including inherited ones. */
export function visibleRoles(viewer: Viewer): SQL {
  // Roles have no owner, so the other scopes do not apply.
  const readable = withinScopes(viewer, "role.read", () => undefined);
  return or(readable, sql`${roles.key} = any(${sql.param([...viewer.roles])}::text[])`) ?? readable;
}

export function selectRoles(tx: Tx, where: SQL | undefined): Promise<RoleRow[]> {
  return named("selectRoles", tx.select().from(roles).where(where).orderBy(asc(roles.key), asc(roles.id)));
}

/** A slice of the list, and the total number. */
export function selectRolesSlice(
  tx: Tx,
  where: SQL | undefined,
  { orderBy, limit }: { orderBy: SQL[]; limit: number },
): Promise<RoleRow[]> {
  return named(
    "selectRolesSlice",
    tx
      .select()
      .from(roles)
      .where(where)
      .orderBy(...orderBy)
      .limit(limit),
  );
}

export async function countRoles(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countRoles",
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(roles)
      .where(where),
  );
  return row?.count ?? 0;
}

export async function findVisibleRolesByIds(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<Map<string, RoleRow>> {
  const rows = await selectRoles(tx, and(among(roles.id, ids), visibleRoles(viewer)));
  return new Map(rows.map((row) => [row.id, row]));
}

export async function findRolesByIds(tx: Tx, ids: readonly string[]): Promise<Map<string, RoleRow>> {
  if (ids.length === 0) return new Map();
  const rows = await selectRoles(tx, among(roles.id, ids));
  return new Map(rows.map((row) => [row.id, row]));
}

export async function findRolesByKeys(tx: Tx, keys: readonly string[]): Promise<Map<string, RoleRow>> {
  if (keys.length === 0) return new Map();
  const rows = await selectRoles(tx, sql`${roles.key} = any(${sql.param([...keys])}::text[])`);
  return new Map(rows.map((row) => [row.key, row]));
}

/** Returns the keys of all roles, for suggestions. Their number is limited by the plan. */
export async function findRoleKeys(tx: Tx): Promise<string[]> {
  const rows = await named("findRoleKeys", tx.select({ key: roles.key }).from(roles).orderBy(roles.key).limit(1_000));
  return rows.map(({ key }) => key);
}

export async function lockRole(tx: Tx, id: string): Promise<RoleRow | null> {
  const [row] = await named("lockRole", tx.select().from(roles).where(eq(roles.id, id)).for("update"));
  return row ?? null;
}

/** Includes the row by which each role is its own ancestor. Without it a role would grant nothing. */
export async function insertRoles(tx: Tx, rows: readonly (typeof roles.$inferInsert)[]): Promise<RoleRow[]> {
  if (rows.length === 0) return [];
  const inserted = await named(
    "insertRoles",
    tx
      .insert(roles)
      .values([...rows])
      .returning(),
  );
  await named(
    "insertOwnAncestors",
    tx.insert(roleAncestors).values(inserted.map(({ tenantId, id }) => ({ tenantId, roleId: id, ancestorId: id }))),
  );
  return inserted;
}

/** Writes the changes and raises the version of a role that the caller has locked. */
export async function touchRole(
  tx: Tx,
  id: string,
  changes: Partial<Pick<RoleRow, "name" | "description" | "requiresSecondFactor" | "maxSessions" | "sessionLimitReached">> = {},
): Promise<RoleRow> {
  const [row] = await named(
    "touchRole",
    tx
      .update(roles)
      .set({ ...changes, version: sql`${roles.version} + 1`, updatedAt: sql`now()` })
      .where(eq(roles.id, id))
      .returning(),
  );
  if (!row) throw new Error("A locked role could not be changed.");
  return row;
}

/** Deletes a role with its grants. Fails if a user has it. */
export async function deleteRoleRow(tx: Tx, id: string): Promise<void> {
  await named("deleteRoleRow", tx.delete(roles).where(eq(roles.id, id)));
}

export async function insertGrants(tx: Tx, rows: readonly (typeof rolePermissions.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await named("insertGrants", tx.insert(rolePermissions).values([...rows]));
}

export async function deleteGrants(tx: Tx, roleId: string): Promise<void> {
  await named("deleteGrants", tx.delete(rolePermissions).where(eq(rolePermissions.roleId, roleId)));
}

/** Returns the roles of each user, ordered by key. */
export async function findRolesOfUsers(tx: Tx, viewer: Viewer, userIds: readonly string[]): Promise<Map<string, RoleRow[]>> {
  const byUser = new Map<string, RoleRow[]>(userIds.map((id) => [id, []]));
  if (userIds.length === 0) return byUser;
  const rows = await named(
    "findRolesOfUsers",
    tx
      .select({ userId: userRoles.userId, role: roles })
      .from(userRoles)
      .innerJoin(roles, and(eq(roles.tenantId, userRoles.tenantId), eq(roles.id, userRoles.roleId)))
      .where(and(among(userRoles.userId, userIds), visibleRoles(viewer)))
      .orderBy(asc(roles.key), asc(roles.id)),
  );
  for (const { userId, role } of rows) byUser.get(userId)?.push(role);
  return byUser;
}

/** Returns the users who have the role directly. */
export async function findUserIdsOfRole(tx: Tx, roleId: string): Promise<string[]> {
  const rows = await named(
    "findUserIdsOfRole",
    tx.select({ userId: userRoles.userId }).from(userRoles).where(eq(userRoles.roleId, roleId)),
  );
  return rows.map((row) => row.userId);
}

/** Returns the users who have the role or one that inherits from it, and whose rights therefore change with it. */
export async function findUserIdsUnderRole(tx: Tx, roleId: string): Promise<string[]> {
  const rows = await named(
    "findUserIdsUnderRole",
    tx
      .selectDistinct({ userId: userRoles.userId })
      .from(roleAncestors)
      .innerJoin(userRoles, and(eq(userRoles.tenantId, roleAncestors.tenantId), eq(userRoles.roleId, roleAncestors.roleId)))
      .where(eq(roleAncestors.ancestorId, roleId)),
  );
  return rows.map((row) => row.userId);
}

/** Returns whether one of the roles, or one that they inherit from, requires a second factor or limits sessions. */
export async function limitLogins(tx: Tx, roleIds: readonly string[]): Promise<boolean> {
  if (roleIds.length === 0) return false;
  const rows = await tx.execute(
    named(
      "limitLogins",
      sql`select 1 from identity.role_ancestors a join identity.roles r on r.tenant_id = a.tenant_id and r.id = a.ancestor_id
        where a.tenant_id = app.tenant() and ${among(sql`a.role_id`, roleIds)} and (r.requires_second_factor or r.max_sessions is not null) limit 1`,
    ),
  );
  return rows.length > 0;
}
