import { identity } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleUsers } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import type { Reading } from "@weft/api/row-nodes";
import { and, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { userColumns, type UserRow } from "./user.columns.js";

export { visibleUsers } from "@weft/platform/access";
export type { UserRow } from "./user.columns.js";

const { loginNames, tenants, userIdentities, users } = identity;

export function selectUsers(tx: Tx, where: SQL | undefined): Promise<UserRow[]> {
  return named("selectUsers", tx.select(userColumns).from(users).where(where));
}

/** Those of the users whose sessions the viewer can see: the viewer, and the users whom the viewer can change. */
export const watchedUsers = (viewer: Viewer, ids: readonly string[]): SQL =>
  sql`(${among(users.id, ids)} and (${eq(users.id, viewer.userId)} or ${visibleUsers(viewer, "user.update")}))`;

export async function findVisibleUser(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<UserRow | null> {
  const [row] = await selectUsers(tx, and(eq(users.id, id), visibleUsers(viewer, permission)));
  return row ?? null;
}

/** Returns those of the permissions that reach the users, by the user's UUID. */
export async function reachedBy(
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permissions: readonly Permission[],
): Promise<ReadonlyMap<string, readonly Permission[]>> {
  const predicates = sql.join(
    permissions.map((permission) => visibleUsers(viewer, permission)),
    sql`, `,
  );
  const rows = await tx.execute<{ id: string; reached: boolean[] }>(
    named("reachedBy", sql`select id, to_jsonb(array[${predicates}]::boolean[]) as reached from ${users} where ${among(users.id, ids)}`),
  );
  return new Map(rows.map(({ id, reached }) => [id, permissions.filter((_, index) => reached[index] === true)]));
}

/** Which users are read by their IDs, and what of them. */
interface UsersById {
  readonly ids: readonly string[];
  readonly where: SQL | undefined;
  readonly reading: Reading<UserRow>;
}

async function selectById(tx: Tx, name: string, { ids, where, reading }: UsersById): Promise<UserRow[]> {
  const query = tx
    .select(reading.columns)
    .from(users)
    .where(and(among(users.id, ids), where));
  return reading.rows(await named(name, query));
}

/** Returns those of the users whom the viewer can read, in no order. */
export const findVisibleUsersByIds = (tx: Tx, viewer: Viewer, wanted: Omit<UsersById, "where">): Promise<UserRow[]> =>
  selectById(tx, "findVisibleUsersByIds", { ...wanted, where: visibleUsers(viewer, "user.read") });

/** Locks a user for a change, regardless of visibility, which the caller has checked. */
export async function lockUser(tx: Tx, id: string): Promise<UserRow | null> {
  const [row] = await named("lockUser", tx.select(userColumns).from(users).where(eq(users.id, id)).for("update"));
  return row ?? null;
}

/** Returns whether the user has logged in with an identity provider, and still can. */
export async function isLinkedToProvider(tx: Tx, id: string): Promise<boolean> {
  const links = tx.select({ id: userIdentities.id }).from(userIdentities).where(eq(userIdentities.userId, id)).limit(1);
  return (await named("isLinkedToProvider", links)).length > 0;
}

/** Returns whether the user has ever set a password. Users without one are still invited. */
export async function hasPassword(tx: Tx, id: string): Promise<boolean> {
  const [row] = await named(
    "hasPassword",
    tx
      .select({ has: sql<boolean>`${users.passwordHash} is not null` })
      .from(users)
      .where(eq(users.id, id)),
  );
  return row?.has ?? false;
}

/** Returns the hash of a user's password. Null if there is no password, or no such user. */
export async function findPasswordHash(tx: Tx, id: string): Promise<string | null> {
  const [row] = await named("findPasswordHash", tx.select({ passwordHash: users.passwordHash }).from(users).where(eq(users.id, id)));
  return row?.passwordHash ?? null;
}

/** Returns the names that a user's password must not contain: the user's and those of the tenant. */
export async function findNamesAroundUser(tx: Tx, id: string): Promise<string[]> {
  const [row] = await named(
    "findNamesAroundUser",
    tx
      .select({ email: users.email, username: users.username, name: users.name, slug: tenants.slug, tenantName: tenants.name })
      .from(users)
      .innerJoin(tenants, eq(tenants.tenantId, users.tenantId))
      .where(eq(users.id, id)),
  );
  return Object.values(row ?? {});
}

/** Ignores permissions: for the viewer's own row, and for rows that were just written. */
export async function selectUserById(tx: Tx, id: string): Promise<UserRow | null> {
  const [row] = await selectUsers(tx, eq(users.id, id));
  return row ?? null;
}

export async function selectUserByEmail(tx: Tx, email: string): Promise<UserRow | null> {
  const [row] = await selectUsers(tx, sql`lower(${users.email}) = lower(${email})`);
  return row ?? null;
}

/** Returns at most `max` users of each vendor that the viewer can see, by name. */
export async function findUsersOfVendors(
  tx: Tx,
  viewer: Viewer,
  vendorIds: readonly string[],
  max: number,
): Promise<Map<string, UserRow[]>> {
  const ranked = tx
    .select({
      ...userColumns,
      place: sql<number>`row_number() over (partition by ${users.vendorId} order by ${users.name}, ${users.id})`.as("place"),
    })
    .from(users)
    .where(and(among(users.vendorId, vendorIds), visibleUsers(viewer, "user.read")))
    .as("ranked");
  const rows = await named(
    "findUsersOfVendors",
    tx
      .select()
      .from(ranked)
      .where(sql`${ranked.place} <= ${max}`)
      .orderBy(ranked.name, ranked.id),
  );
  const byVendor = new Map<string, UserRow[]>(vendorIds.map((id) => [id, []]));
  for (const { place: _place, ...row } of rows) if (row.vendorId) byVendor.get(row.vendorId)?.push(row);
  return byVendor;
}

/** Which users a list reads, and what of them. */
export interface UsersToList {
  readonly where: SQL | undefined;
  readonly slice: KeysetSlice;
  readonly reading: Reading<UserRow>;
}

export async function selectUsersSlice(tx: Tx, { where, slice, reading }: UsersToList): Promise<UserRow[]> {
  const query = tx
    .select(reading.columns)
    .from(users)
    .where(and(where, slice.where))
    .orderBy(...slice.orderBy)
    .limit(slice.limit);
  return reading.rows(await named("selectUsersSlice", query));
}

/** The users with these IDs that a list contains, in no order. */
export const selectListedUsers = (tx: Tx, ids: readonly string[], listed: Omit<UsersToList, "slice">): Promise<UserRow[]> =>
  selectById(tx, "selectListedUsers", { ...listed, ids });

export async function countUsers(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countUsers",
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(users)
      .where(where),
  );
  return row?.count ?? 0;
}

export async function insertUser(tx: Tx, row: typeof users.$inferInsert): Promise<UserRow> {
  const [inserted] = await named("insertUser", tx.insert(users).values(row).returning(userColumns));
  if (!inserted) throw new Error("The insert of a user returned no row.");
  return inserted;
}

/** Writes the changes and raises the version of a user that the caller has locked. */
export async function updateUserRow(
  tx: Tx,
  { id, changes, raisesRights }: { id: string; changes: Partial<typeof users.$inferInsert>; raisesRights: boolean },
): Promise<UserRow> {
  const [row] = await named(
    "updateUserRow",
    tx
      .update(users)
      .set({
        ...changes,
        // Whoever sets another password is the user.
        ...(changes.passwordHash !== undefined && { isPasswordTemporary: false }),
        version: sql`${users.version} + 1`,
        updatedAt: sql`now()`,
        ...(raisesRights ? { rightsVersion: sql`${users.rightsVersion} + 1` } : {}),
      })
      .where(eq(users.id, id))
      .returning(userColumns),
  );
  if (!row) throw new Error("A locked user could not be changed.");
  return row;
}

/** Updates the user's search terms from the row. Call after changing the name, email address or user name. */
export async function indexUser(tx: Tx, id: string): Promise<void> {
  await tx.execute(named("indexUser", sql`call app.index_user(${id}::uuid)`));
}

/** The user has confirmed their current email address. See `isOwnerProven` for `isWithoutLogin`. */
export async function markEmailVerified(tx: Tx, id: string, { isWithoutLogin } = { isWithoutLogin: false }): Promise<void> {
  await named(
    "markEmailVerified",
    tx
      .update(users)
      .set({ emailVerifiedAt: sql`now()`, isVerifiedWithoutLogin: isWithoutLogin })
      .where(eq(users.id, id)),
  );
}

/** Serializes transactions that want the same user name, until commit, so that each sees the names taken before. */
export async function lockUsername(tx: Tx, username: string): Promise<void> {
  await tx.execute(
    named(
      "lockUsername",
      sql`select pg_advisory_xact_lock(hashtextextended('weft.username.' || app.tenant()::text || lower(${username}::text), 0))`,
    ),
  );
}

export async function isUsernameTaken(tx: Tx, username: string): Promise<boolean> {
  const rows = await named(
    "isUsernameTaken",
    tx
      .select({ id: users.id })
      .from(users)
      .where(sql`lower(${users.username}) = lower(${username})`)
      .limit(1),
  );
  return rows.length > 0;
}

export async function insertLoginNames(tx: Tx, rows: readonly (typeof loginNames.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await named("insertLoginNames", tx.insert(loginNames).values([...rows]));
}

/** By user instead of hash, because the application's database role cannot read the hashes. */
export async function deleteLoginNamesOfUser(tx: Tx, { tenantId, id }: { tenantId: string; id: string }): Promise<void> {
  await named("deleteLoginNamesOfUser", tx.delete(loginNames).where(and(eq(loginNames.tenantId, tenantId), eq(loginNames.userId, id))));
}
