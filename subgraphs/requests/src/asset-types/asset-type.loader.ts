import { type RowLoader, rowLoader } from "@weft/api/context";
import { findAssetTypes, findAssetTypesByKey } from "./asset-type.store.js";
import { type AssetType, toAssetType } from "./asset-type.type.js";

/** Loads asset types by UUID, batched per request. Null for types that the viewer cannot see. */
export const assetTypeLoader: RowLoader<AssetType> = rowLoader("assetType", findAssetTypes, toAssetType);

/** Loads asset types by key, batched per request. */
export const assetTypeByKeyLoader: RowLoader<AssetType> = (ctx) =>
  ctx.loader<string, AssetType>(
    "assetTypeByKey",
    async (tx, keys) => new Map((await findAssetTypesByKey(tx, ctx.viewer, keys)).map((row) => [row.key, toAssetType(row)])),
  );
