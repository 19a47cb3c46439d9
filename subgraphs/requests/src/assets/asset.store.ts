import { requests as tables } from "@weft/drizzle";
import { BadUserInput, givenToVendor, type KeysetSlice, mapDatabaseError, type Permission, quote, type Tx, type Viewer, visibleInstances } from "@weft/shared";
import { and, eq, getTableColumns, inArray, lte, type SQL, sql } from "drizzle-orm";
import { rankWithin } from "../nested-rows.js";

const { assets } = tables;

export type AssetRow = typeof assets.$inferSelect;
export type NewAsset = typeof assets.$inferInsert;
export type AssetChanges = Partial<Pick<AssetRow, "buildingId" | "tag" | "name" | "type" | "status" | "installedOn">>;

export const selectAssets = (tx: Tx) => tx.select().from(assets).$dynamic();

/** The aggregate's visibility: whoever holds the permission in the tenant. Vendor users are narrowed by row-level security; the condition beside it goes through the primary key. */
export const visible = (viewer: Viewer, permission: Permission): SQL | undefined =>
  and(visibleInstances(viewer, permission, {}), viewer.vendorId === null ? undefined : givenToVendor(assets.id));

/** The visible ones of the given ids, in any order. */
export const findAssets = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission = "asset.read"): Promise<AssetRow[]> =>
  selectAssets(tx).where(and(inArray(assets.id, [...ids]), visible(viewer, permission)));

export async function findAsset(tx: Tx, viewer: Viewer, id: string, permission?: Permission): Promise<AssetRow | null> {
  const [row] = await findAssets(tx, viewer, [id], permission);
  return row ?? null;
}

export async function insertAsset(tx: Tx, values: NewAsset): Promise<AssetRow> {
  try {
    const [row] = await tx.insert(assets).values(values).returning();
    if (row === undefined) throw new Error("The inserted asset was not returned.");
    return row;
  } catch (error) {
    throw tagTaken(error, values.tag);
  }
}

/** Null when the asset has moved on from `version`. */
export async function updateAssetRow(tx: Tx, id: string, version: number, changes: AssetChanges): Promise<AssetRow | null> {
  try {
    const [row] = await tx
      .update(assets)
      .set({ ...changes, version: sql`${assets.version} + 1`, updatedAt: sql`now()` })
      .where(and(eq(assets.id, id), eq(assets.version, version)))
      .returning();
    return row ?? null;
  } catch (error) {
    throw tagTaken(error, changes.tag ?? "");
  }
}

const tagTaken = (error: unknown, tag: string): Error =>
  mapDatabaseError(error, {
    assets_tag_key: () => new BadUserInput([{ path: "input.tag", message: `There is an asset ${quote(tag)} already; choose another tag.` }]),
  });

/** At most `slice.limit` assets of each building, in the slice's order. */
export function assetsOfBuildings(tx: Tx, viewer: Viewer, buildingIds: readonly string[], slice: KeysetSlice): Promise<AssetRow[]> {
  const ranked = tx
    .select({ id: assets.id, rank: rankWithin(assets.buildingId, slice) })
    .from(assets)
    .where(and(inArray(assets.buildingId, [...buildingIds]), visible(viewer, "asset.read"), slice.where))
    .as("ranked");
  return tx
    .select(getTableColumns(assets))
    .from(assets)
    .innerJoin(ranked, eq(ranked.id, assets.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
}

export const countAssets = (tx: Tx, where: SQL | undefined): Promise<number> => tx.$count(assets, where);
