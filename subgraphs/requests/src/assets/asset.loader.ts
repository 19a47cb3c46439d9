import { type RowLoader, rowLoader } from "@weft/shared";
import { findAssets } from "./asset.store.js";
import { type Asset, toAsset } from "./asset.type.js";

/** Loads assets by UUID, batched per request. Null for assets that the viewer cannot see. */
export const assetLoader: RowLoader<Asset> = rowLoader("asset", findAssets, toAsset);
