import { requests as tables } from "@weft/drizzle";
import {
  among,
  atVersion,
  insertedRow,
  type KeysetSlice,
  named,
  nextVersion,
  type Permission,
  rankWithin,
  type Tx,
  type Viewer,
  visibleObjectsByIndex,
  writtenRow,
} from "@weft/shared";
import { and, eq, getTableColumns, lte, type SQL } from "drizzle-orm";

const { assets } = tables;

export type AssetRow = typeof assets.$inferSelect;
export type NewAsset = typeof assets.$inferInsert;
export type AssetChanges = Partial<Pick<AssetRow, "buildingId" | "tag" | "name" | "type" | "status" | "installedOn">>;

const selectAssets = (tx: Tx) => tx.select().from(assets).$dynamic();

/**
 * Visibility of the aggregate: viewers with the permission in the tenant. Vendor users are restricted by row-level security; the additional condition
 * uses the primary key.
 */
export const visibleAssets = (viewer: Viewer, permission: Permission): SQL | undefined =>
  visibleObjectsByIndex("asset", viewer, permission);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findAssets = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission = "asset.read"): Promise<AssetRow[]> =>
  named("findAssets", selectAssets(tx).where(and(among(assets.id, ids), visibleAssets(viewer, permission))));

export async function findAsset(tx: Tx, viewer: Viewer, id: string, permission?: Permission): Promise<AssetRow | null> {
  const [row] = await findAssets(tx, viewer, [id], permission);
  return row ?? null;
}

/** @throws BadUserInput if the tag is taken */
export const insertAsset = (tx: Tx, values: NewAsset): Promise<AssetRow> =>
  insertedRow(named("insertAsset", tx.insert(assets).values(values).returning()), unique(values.tag));

/**
 * Returns null if the asset's version is no longer `version`.
 * @throws BadUserInput if the tag is taken
 */
export function updateAssetRow(tx: Tx, id: string, version: number, changes: AssetChanges): Promise<AssetRow | null> {
  const query = tx
    .update(assets)
    .set({ ...changes, ...nextVersion(assets) })
    .where(atVersion(assets, id, version))
    .returning();
  return writtenRow(named("updateAssetRow", query), unique(changes.tag));
}

const unique = (tag: string | undefined) => ({ assets_tag_key: { type: "asset", field: "tag", value: tag } }) as const;

/** Returns at most `slice.limit` assets of each building, in the slice's order. */
export function listAssetsOfBuildings(tx: Tx, viewer: Viewer, buildingIds: readonly string[], slice: KeysetSlice): Promise<AssetRow[]> {
  const ranked = tx
    .select({ id: assets.id, rank: rankWithin(assets.buildingId, slice) })
    .from(assets)
    .where(and(among(assets.buildingId, buildingIds), visibleAssets(viewer, "asset.read"), slice.where))
    .as("ranked");
  const query = tx
    .select(getTableColumns(assets))
    .from(assets)
    .innerJoin(ranked, eq(ranked.id, assets.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
  return named("listAssetsOfBuildings", query);
}
