import { requests as tables } from "@weft/drizzle";
import { among, named, nextVersion, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import type { AssetRow } from "./asset.store.js";

const { assets, assetTransfers } = tables;

export type AssetTransferRow = typeof assetTransfers.$inferSelect;
export type NewAssetTransfer = Omit<typeof assetTransfers.$inferInsert, "createdAt">;

export async function insertAssetTransfers(tx: Tx, rows: readonly NewAssetTransfer[]): Promise<void> {
  await named("insertAssetTransfers", tx.insert(assetTransfers).values(rows.map((row) => ({ ...row, createdAt: sql`app.weft_now()` }))));
}

/** Returns the parts of an asset at every level that are in the building, through parts that are there. At most `limit`. */
export async function findPartsIn(
  tx: Tx,
  { id, buildingId, limit }: { id: string; buildingId: string; limit: number },
): Promise<AssetRow[]> {
  const below = sql`with recursive below (id) as (
    select a.id from requests.assets a where a.tenant_id = app.tenant() and a.parent_id = ${id}::uuid and a.building_id = ${buildingId}::uuid and a.deleted_at is null
    union all
    select a.id from below join requests.assets a on a.tenant_id = app.tenant() and a.parent_id = below.id and a.building_id = ${buildingId}::uuid and a.deleted_at is null
  ) select id from below limit ${limit}`;
  return named(
    "findPartsIn",
    tx
      .select()
      .from(assets)
      .where(sql`${assets.id} in (${below})`)
      .orderBy(assets.id)
      .for("update"),
  );
}

/** Moves assets that the transaction has locked. Their spaces are in the building that they leave. */
export function moveAssets(tx: Tx, ids: readonly string[], buildingId: string): Promise<AssetRow[]> {
  const query = tx
    .update(assets)
    .set({ buildingId, spaceId: null, ...nextVersion(assets) })
    .where(among(assets.id, ids))
    .returning();
  return named("moveAssets", query);
}

/** Returns at most `slice.limit` transfers of each asset that was already checked to be visible, in the slice's order. Users of a vendor see none. */
export function listTransfers(tx: Tx, assetIds: readonly string[], slice: KeysetSlice): Promise<AssetTransferRow[]> {
  return rowsOfEach(tx, "listTransfers", assetTransfers, { parent: assetTransfers.assetId, parentIds: assetIds, slice });
}
