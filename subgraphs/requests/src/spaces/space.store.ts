import { visibleInstances } from "@weft/platform/rights";
import { maintenance, requests as tables, workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { isOfVendor } from "@weft/platform/access";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { givenToVendor } from "@weft/platform/object-access";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, eq, isNotNull, isNull, sql, type SQL } from "drizzle-orm";

const { assets, requests, spaces } = tables;
const { instances } = workflows;
const { maintenancePlans } = maintenance;

export type SpaceRow = typeof spaces.$inferSelect;
export type NewSpace = typeof spaces.$inferInsert;
export type SpaceChanges = Partial<Pick<SpaceRow, "kind" | "code" | "name" | "parentId" | "position">>;

const exists = isNull(spaces.deletedAt);

/**
 * Visibility of the aggregate: the spaces of the buildings that the viewer can see. A building with spaces is not deleted. Users of a vendor are
 * restricted by row-level security; the additional condition can use an index.
 */
export const visibleSpaces = (viewer: Viewer, permission: Permission): SQL | undefined =>
  and(
    exists,
    visibleInstances(viewer, permission, { buildingId: spaces.buildingId }),
    isOfVendor(viewer) ? givenToVendor(spaces.buildingId, sql`${viewer.vendorId}`) : undefined,
  );

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findSpaces = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission = "building.read"): Promise<SpaceRow[]> =>
  named(
    "findSpaces",
    tx
      .select()
      .from(spaces)
      .where(and(among(spaces.id, ids), visibleSpaces(viewer, permission))),
  );

export async function findSpace(tx: Tx, viewer: Viewer, id: string, permission?: Permission): Promise<SpaceRow | null> {
  const [row] = await findSpaces(tx, viewer, [id], permission);
  return row ?? null;
}

/** Returns a deleted space, if the viewer's permission reaches its building. */
export async function findDeletedSpace(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<SpaceRow | null> {
  const where = and(
    eq(spaces.id, id),
    isNotNull(spaces.deletedAt),
    visibleInstances(viewer, permission, { buildingId: spaces.buildingId }),
  );
  const [row] = await named("findDeletedSpace", tx.select().from(spaces).where(where));
  return row ?? null;
}

/**
 * Locks the tree of a building until the transaction ends. Without the lock, two concurrent moves could each put one space into the other, and a space
 * could be created in one that is being deleted.
 */
export async function lockSpaces(tx: Tx, buildingId: string): Promise<void> {
  const lock = sql`select pg_advisory_xact_lock(hashtextextended('weft.spaces.' || app.tenant() || ${buildingId}::text, 0))`;
  await tx.execute(named("lockSpaces", lock));
}

/** Where a space is in its tree. */
export interface TreePlace {
  /** UUIDs from the space itself up to the one that is directly in the building. */
  readonly path: readonly string[];
  /** Number of levels below the space. */
  readonly height: number;
}

/** Returns where a space is in its tree. The caller has locked the tree. */
export async function findTreePlace(tx: Tx, id: string, maxDepth: number): Promise<TreePlace> {
  const rows = await tx.execute<{ id: string; step: number }>(
    named(
      "findTreePlace",
      sql`with recursive up as (
          select s.id, s.parent_id, 0 as step from ${spaces} s where s.tenant_id = app.tenant() and s.id = ${id}::uuid
          union all
          select s.id, s.parent_id, up.step + 1 from up join ${spaces} s on s.tenant_id = app.tenant() and s.id = up.parent_id where up.step < ${maxDepth}::int
        ), down as (
          select ${id}::uuid as id, 0 as step
          union all
          select s.id, down.step + 1 from down join ${spaces} s on s.tenant_id = app.tenant() and s.parent_id = down.id and s.deleted_at is null
           where down.step < ${maxDepth}::int
        )
        select id, step from up union all select null, max(step) from down`,
    ),
  );
  const path = rows.filter((row) => row.id !== null).toSorted((a, b) => a.step - b.step);
  return { path: path.map((row) => row.id), height: rows.find((row) => row.id === null)?.step ?? 0 };
}

/** Returns the position after the other spaces with the same parent. */
export async function nextSpacePosition(tx: Tx, { buildingId, parentId }: Pick<SpaceRow, "buildingId" | "parentId">): Promise<number> {
  const siblings = and(
    exists,
    eq(spaces.buildingId, buildingId),
    parentId === null ? isNull(spaces.parentId) : eq(spaces.parentId, parentId),
  );
  const query = tx
    .select({ last: sql<number>`coalesce(max(${spaces.position}), 0)` })
    .from(spaces)
    .where(siblings);
  const [row] = await named("nextSpacePosition", query);
  return (row?.last ?? 0) + 1;
}

/** What prevents a space from being deleted, with the number of each. */
export interface SpaceDependents {
  /** Spaces that it directly contains. */
  readonly spaces: number;
  readonly openRequests: number;
  /** Excludes decommissioned and deleted assets. */
  readonly assets: number;
  /** Excludes paused and ended plans. */
  readonly maintenancePlans: number;
}

/** Counts for the whole tenant, not only what the viewer can see. The caller has locked the space. */
export async function countSpaceDependents(tx: Tx, id: string): Promise<SpaceDependents> {
  const counted = (from: SQL) => sql`(select count(*)::int from ${from})`;
  const [row] = await tx.execute<SpaceDependents & Record<string, unknown>>(
    named(
      "countSpaceDependents",
      sql`select ${counted(sql`${spaces} where tenant_id = app.tenant() and parent_id = ${id} and deleted_at is null`)} as spaces,
        ${counted(
          sql`${requests} r join ${instances} i on i.tenant_id = r.tenant_id and i.id = r.instance_id
            where r.tenant_id = app.tenant() and r.space_id = ${id} and i.finished_at is null`,
        )} as "openRequests",
        ${counted(sql`${assets} where tenant_id = app.tenant() and space_id = ${id} and status <> 'DECOMMISSIONED' and deleted_at is null`)} as assets,
        ${counted(sql`${maintenancePlans} where tenant_id = app.tenant() and space_id = ${id} and status = 'ACTIVE'`)} as "maintenancePlans"`,
    ),
  );
  if (!row) throw new Error("Counting gives a row.");
  return row;
}

/** Locks a space's row, so that nothing is added to it until the transaction ends. */
export async function lockSpace(tx: Tx, id: string): Promise<void> {
  await named("lockSpace", tx.select({ id: spaces.id }).from(spaces).where(eq(spaces.id, id)).for("update"));
}

/**
 * Returns a space that the viewer can see, and locks it against deletion until the transaction ends, as a foreign key does. Users of a vendor cannot
 * lock what they cannot change.
 */
export async function keepSpace(tx: Tx, viewer: Viewer, id: string): Promise<SpaceRow | null> {
  const query = tx
    .select()
    .from(spaces)
    .where(and(eq(spaces.id, id), visibleSpaces(viewer, "building.read")))
    .$dynamic();
  const [row] = await named("keepSpace", isOfVendor(viewer) ? query : query.for("key share"));
  return row ?? null;
}

/** @throws BadUserInput if the code is taken */
export const insertSpace = (tx: Tx, values: NewSpace): Promise<SpaceRow> =>
  insertedRow(named("insertSpace", tx.insert(spaces).values(values).returning()), unique(values.code));

/**
 * Returns null if the space's version is no longer `version`.
 * @throws BadUserInput if the code is taken
 */
export function updateSpaceRow(tx: Tx, id: string, version: number, changes: SpaceChanges): Promise<SpaceRow | null> {
  const query = tx
    .update(spaces)
    .set({ ...changes, ...nextVersion(spaces) })
    .where(atVersion(spaces, id, version))
    .returning();
  return writtenRow(named("updateSpaceRow", query), unique(changes.code));
}

const unique = (code: string | undefined) => ({ spaces_code_key: { type: "space", field: "code", value: code } }) as const;

/** Marks a space as deleted. Returns null if its version is no longer `version`. */
export function markSpaceDeleted(tx: Tx, id: string, version: number): Promise<SpaceRow | null> {
  const changes = { deletedAt: sql`app.weft_now()`, ...nextVersion(spaces) };
  return writtenRow(
    named(
      "markSpaceDeleted",
      tx
        .update(spaces)
        .set(changes)
        .where(atVersion(spaces, id, version))
        .returning(),
    ),
  );
}

/**
 * Restores a space. Returns null if its version is no longer `version`.
 * @throws BadUserInput if another space of the building has its code now
 */
export function unmarkSpaceDeleted(tx: Tx, { id, code, version }: SpaceRow): Promise<SpaceRow | null> {
  const query = tx
    .update(spaces)
    .set({ deletedAt: null, ...nextVersion(spaces) })
    .where(atVersion(spaces, id, version))
    .returning();
  const message = `Another space of the building has the code "${code}" now. Change its code with updateSpace, and then restore this space.`;
  return writtenRow(named("unmarkSpaceDeleted", query), { spaces_code_key: { path: "input.id", message } });
}

/** Returns at most `slice.limit` spaces directly in each building, or in each space, in the slice's order. */
export function listSpacesIn(
  tx: Tx,
  viewer: Viewer,
  parent: typeof spaces.buildingId | typeof spaces.parentId,
  parentIds: readonly string[],
  slice: KeysetSlice,
): Promise<SpaceRow[]> {
  return rowsOfEach(tx, "listSpacesIn", spaces, {
    parent,
    parentIds,
    where: and(directlyIn(parent), visibleSpaces(viewer, "building.read")),
    slice,
  });
}

/** The spaces of a building that no other space contains. */
export const directlyIn = (parent: typeof spaces.buildingId | typeof spaces.parentId): SQL | undefined =>
  parent === spaces.buildingId ? isNull(spaces.parentId) : undefined;
