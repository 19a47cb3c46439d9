import { requests as tables } from "@weft/drizzle";
import { BadUserInput, givenToVendor, mapDatabaseError, type Permission, quote, type Tx, type Viewer, visibleInstances } from "@weft/shared";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";

const { buildings } = tables;

export type BuildingRow = typeof buildings.$inferSelect;
export type NewBuilding = typeof buildings.$inferInsert;
export type BuildingChanges = Partial<Pick<BuildingRow, "code" | "name" | "address" | "status">>;

export const selectBuildings = (tx: Tx) => tx.select().from(buildings).$dynamic();

/** The aggregate's visibility: whoever holds the permission in the tenant. Vendor users are narrowed by row-level security; the condition beside it goes through the primary key. */
export const visible = (viewer: Viewer, permission: Permission): SQL | undefined =>
  and(visibleInstances(viewer, permission, {}), viewer.vendorId === null ? undefined : givenToVendor(buildings.id));

/** The visible ones of the given ids, in any order. */
export const findBuildings = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission = "building.read"): Promise<BuildingRow[]> =>
  selectBuildings(tx).where(and(inArray(buildings.id, [...ids]), visible(viewer, permission)));

export async function findBuilding(tx: Tx, viewer: Viewer, id: string, permission?: Permission): Promise<BuildingRow | null> {
  const [row] = await findBuildings(tx, viewer, [id], permission);
  return row ?? null;
}

export async function insertBuilding(tx: Tx, values: NewBuilding): Promise<BuildingRow> {
  try {
    const [row] = await tx.insert(buildings).values(values).returning();
    if (row === undefined) throw new Error("The inserted building was not returned.");
    return row;
  } catch (error) {
    throw codeTaken(error, values.code);
  }
}

/** Null when the building has moved on from `version`. */
export async function updateBuildingRow(tx: Tx, id: string, version: number, changes: BuildingChanges): Promise<BuildingRow | null> {
  try {
    const [row] = await tx
      .update(buildings)
      .set({ ...changes, version: sql`${buildings.version} + 1`, updatedAt: sql`now()` })
      .where(and(eq(buildings.id, id), eq(buildings.version, version)))
      .returning();
    return row ?? null;
  } catch (error) {
    throw codeTaken(error, changes.code ?? "");
  }
}

const codeTaken = (error: unknown, code: string): Error =>
  mapDatabaseError(error, {
    buildings_code_key: () => new BadUserInput([{ path: "input.code", message: `There is a building ${quote(code)} already; choose another code.` }]),
  });

export const countBuildings = (tx: Tx, where: SQL | undefined): Promise<number> => tx.$count(buildings, where);
