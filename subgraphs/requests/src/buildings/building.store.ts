import { requests as tables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjectsByIndex } from "@weft/platform/access";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, isNull, type SQL } from "drizzle-orm";

const { buildings } = tables;

export type BuildingRow = typeof buildings.$inferSelect;
export type NewBuilding = typeof buildings.$inferInsert;
export type BuildingChanges = Partial<Omit<BuildingRow, "tenantId" | "id" | "version" | "createdAt" | "updatedAt" | "deletedAt">>;

const selectBuildings = (tx: Tx) => tx.select().from(buildings).$dynamic();

/**
 * Visibility of the aggregate: viewers with the permission in the tenant. Vendor users are restricted by row-level security; the additional condition
 * uses the primary key.
 */
export const visibleBuildings = (viewer: Viewer, permission: Permission): SQL | undefined =>
  visibleObjectsByIndex("building", viewer, permission);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findBuildings = (
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "building.read",
): Promise<BuildingRow[]> =>
  named("findBuildings", selectBuildings(tx).where(and(among(buildings.id, ids), visibleBuildings(viewer, permission))));

export async function findBuilding(tx: Tx, viewer: Viewer, id: string, permission?: Permission): Promise<BuildingRow | null> {
  const [row] = await findBuildings(tx, viewer, [id], permission);
  return row ?? null;
}

export async function findBuildingByCode(tx: Tx, viewer: Viewer, code: string): Promise<BuildingRow | null> {
  const query = selectBuildings(tx).where(
    and(eq(buildings.code, code), isNull(buildings.deletedAt), visibleBuildings(viewer, "building.read")),
  );
  const [row] = await named("findBuildingByCode", query);
  return row ?? null;
}

/**
 * Returns a building and locks it against deletion until the transaction ends, as a foreign key does. Null if it is deleted, or `visible` excludes it.
 * Users of a vendor cannot lock what they cannot change.
 */
export async function keepBuilding(tx: Tx, viewer: Viewer, id: string, visible?: SQL): Promise<BuildingRow | null> {
  const query = selectBuildings(tx).where(and(eq(buildings.id, id), isNull(buildings.deletedAt), visible));
  const [row] = await named("keepBuilding", viewer.vendorId === null ? query.for("key share") : query);
  return row ?? null;
}

/** @throws BadUserInput if the code is taken */
export const insertBuilding = (tx: Tx, values: NewBuilding): Promise<BuildingRow> =>
  insertedRow(named("insertBuilding", tx.insert(buildings).values(values).returning()), unique(values.code));

/**
 * Returns null if the building's version is no longer `version`.
 * @throws BadUserInput if the code is taken
 */
export function updateBuildingRow(tx: Tx, id: string, version: number, changes: BuildingChanges): Promise<BuildingRow | null> {
  const query = tx
    .update(buildings)
    .set({ ...changes, ...nextVersion(buildings) })
    .where(atVersion(buildings, id, version))
    .returning();
  return writtenRow(named("updateBuildingRow", query), unique(changes.code));
}

const unique = (code: string | undefined) => ({ buildings_code_key: { type: "building", field: "code", value: code } }) as const;
