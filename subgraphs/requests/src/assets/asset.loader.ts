import type { Context } from "@weft/shared";
import { findAssets } from "./asset.store.js";
import { type Asset, toAsset } from "./asset.type.js";

/** Assets by UUID, batched over the request; null for what the viewer does not see. */
export const assetLoader = (ctx: Context) =>
  ctx.loader<string, Asset>(
    "asset",
    async (tx, ids) => new Map((await findAssets(tx, ctx.viewer, ids)).map((row) => [row.id, toAsset(row)])),
  );
