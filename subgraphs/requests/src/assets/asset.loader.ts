import { requests as tables } from "@weft/drizzle";
import { type RowLoader, rowLoader } from "@weft/api/context";
import { type LoaderAsOf, loaderAsOf } from "../as-of/loader-as-of.js";
import { findAssets } from "./asset.store.js";
import { type Asset, toAsset } from "./asset.type.js";

/** Loads assets by UUID, batched per request. Null for assets that the viewer cannot see. */
export const assetLoader: RowLoader<Asset> = rowLoader("asset", findAssets, toAsset);

/** The same as of a time. */
export const assetLoaderAsOf: LoaderAsOf<Asset> = loaderAsOf({
  name: "asset",
  table: tables.assets,
  find: findAssets,
  toNode: toAsset,
  now: assetLoader,
});
