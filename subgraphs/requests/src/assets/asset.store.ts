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
  rankWithin,
} from "@weft/shared";
import { and, count, eq, getTableColumns, lte, type SQL, sql } from "drizzle-orm";

const { assets } = tables;

export type AssetRow = typeof assets.$inferSelect;
export type NewAsset = typeof assets.$inferInsert;
export type AssetChanges = Partial<Pick<AssetRow, "buildingId" | "tag" | "name" | "type" | "status" | "installedOn">>;

const selectAssets = (tx: Tx) => tx.select().from(assets).$dynamic();

/** The aggregate's visibility: whoever holds the permission in the tenant. Vendor users are narrowed by row-level security; the condition beside it goes through the primary key. */
const visible = (viewer: Viewer, permission: Permission): SQL | undefined => visibleObjectsByIndex("asset", viewer, permission);

/** The visible ones of the given ids, in any order. */
export const findAssets = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission = "asset.read"): Promise<AssetRow[]> =>
  named("findAssets", selectAssets(tx).where(and(among(assets.id, ids), visible(viewer, permission))));

export async function findAsset(tx: Tx, viewer: Viewer, id: string, permission?: Permission): Promise<AssetRow | null> {
  const [row] = await findAssets(tx, viewer, [id], permission);
  return row ?? null;
}

export async function insertAsset(tx: Tx, values: NewAsset): Promise<AssetRow> {
  try {
    const [row] = await named("insertAsset", tx.insert(assets).values(values).returning());
    if (row === undefined) throw new Error("The inserted asset was not returned.");
    return row;
  } catch (error) {
    throw tagTaken(error, values.tag);
  }
}

/** Null when the asset has moved on from `version`. */
export async function updateAssetRow(tx: Tx, id: string, version: number, changes: AssetChanges): Promise<AssetRow | null> {
  try {
    const query = tx
      .update(assets)
      .set({ ...changes, version: sql`${assets.version} + 1`, updatedAt: sql`now()` })
      .where(and(eq(assets.id, id), eq(assets.version, version)))
      .returning();
    const [row] = await named("updateAssetRow", query);
    return row ?? null;
  } catch (error) {
    throw tagTaken(error, changes.tag ?? "");
  }
}

const tagTaken = (error: unknown, tag: string): Error =>
  mapDatabaseError(error, {
    assets_tag_key: () =>
      new BadUserInput([{ path: "input.tag", message: `There is an asset ${quote(tag)} already; choose another tag.` }]),
  });

/** At most `slice.limit` assets of each building, in the slice's order. */
export function listAssetsOfBuildings(tx: Tx, viewer: Viewer, buildingIds: readonly string[], slice: KeysetSlice): Promise<AssetRow[]> {
  const ranked = tx
    .select({ id: assets.id, rank: rankWithin(assets.buildingId, slice) })
    .from(assets)
    .where(and(among(assets.buildingId, buildingIds), visible(viewer, "asset.read"), slice.where))
    .as("ranked");
  const query = tx
    .select(getTableColumns(assets))
    .from(assets)
    .innerJoin(ranked, eq(ranked.id, assets.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
  return named("listAssetsOfBuildings", query);
}

/** A slice of the visible assets that the condition picks out. */
export const listAssets = (tx: Tx, viewer: Viewer, where: SQL | undefined, slice: KeysetSlice): Promise<AssetRow[]> =>
  named(
    "listAssets",
    selectAssets(tx)
      .where(and(visible(viewer, "asset.read"), where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

/** How many visible assets the condition picks out. */
export async function countAssets(tx: Tx, viewer: Viewer, where: SQL | undefined): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(assets)
    .where(and(visible(viewer, "asset.read"), where));
  const [row] = await named("countAssets", query);
  return row?.count ?? 0;
}
