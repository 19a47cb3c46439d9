import { requests as tables } from "@weft/drizzle";
import {
  among,
  BadUserInput,
  type KeysetSlice,
  mapDatabaseError,
  named,
  type Permission,
  quote,
  type Tx,
  type Viewer,
  visibleObjectsByIndex,
} from "@weft/shared";
import { and, count, eq, type SQL, sql } from "drizzle-orm";

const { buildings } = tables;

export type BuildingRow = typeof buildings.$inferSelect;
export type NewBuilding = typeof buildings.$inferInsert;
export type BuildingChanges = Partial<Pick<BuildingRow, "code" | "name" | "address" | "status">>;

const selectBuildings = (tx: Tx) => tx.select().from(buildings).$dynamic();

/** The aggregate's visibility: whoever holds the permission in the tenant. Vendor users are narrowed by row-level security; the condition beside it goes through the primary key. */
const visible = (viewer: Viewer, permission: Permission): SQL | undefined => visibleObjectsByIndex("building", viewer, permission);

/** The visible ones of the given ids, in any order. */
export const findBuildings = (
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "building.read",
): Promise<BuildingRow[]> => named("findBuildings", selectBuildings(tx).where(and(among(buildings.id, ids), visible(viewer, permission))));

export async function findBuilding(tx: Tx, viewer: Viewer, id: string, permission?: Permission): Promise<BuildingRow | null> {
  const [row] = await findBuildings(tx, viewer, [id], permission);
  return row ?? null;
}

export async function insertBuilding(tx: Tx, values: NewBuilding): Promise<BuildingRow> {
  try {
    const [row] = await named("insertBuilding", tx.insert(buildings).values(values).returning());
    if (row === undefined) throw new Error("The inserted building was not returned.");
    return row;
  } catch (error) {
    throw codeTaken(error, values.code);
  }
}

/** Null when the building has moved on from `version`. */
export async function updateBuildingRow(tx: Tx, id: string, version: number, changes: BuildingChanges): Promise<BuildingRow | null> {
  try {
    const query = tx
      .update(buildings)
      .set({ ...changes, version: sql`${buildings.version} + 1`, updatedAt: sql`now()` })
      .where(and(eq(buildings.id, id), eq(buildings.version, version)))
      .returning();
    const [row] = await named("updateBuildingRow", query);
    return row ?? null;
  } catch (error) {
    throw codeTaken(error, changes.code ?? "");
  }
}

const codeTaken = (error: unknown, code: string): Error =>
  mapDatabaseError(error, {
    buildings_code_key: () =>
      new BadUserInput([{ path: "input.code", message: `There is a building ${quote(code)} already; choose another code.` }]),
  });

/** A slice of the visible buildings that the condition picks out. */
export const listBuildings = (tx: Tx, viewer: Viewer, where: SQL | undefined, slice: KeysetSlice): Promise<BuildingRow[]> =>
  named(
    "listBuildings",
    selectBuildings(tx)
      .where(and(visible(viewer, "building.read"), where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

/** How many visible buildings the condition picks out. */
export async function countBuildings(tx: Tx, viewer: Viewer, where: SQL | undefined): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(buildings)
    .where(and(visible(viewer, "building.read"), where));
  const [row] = await named("countBuildings", query);
  return row?.count ?? 0;
}
