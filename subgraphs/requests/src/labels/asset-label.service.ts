import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { assetLoader } from "../assets/asset.loader.js";
import type { Asset } from "../assets/asset.type.js";
import { type Label, LABELS_PER_SHEET, labelImage, labelSheets } from "./label.js";

/** Labels that one call draws: ten sheets. */
export const MAX_LABELS = 10 * LABELS_PER_SHEET;

/** Returns the label of an asset as an SVG image. Drawing it uses the operation's processor time. */
export const drawAssetLabel = (ctx: Context, asset: Asset): Promise<string> => ctx.computing.run(() => labelImage(labelOf(ctx, asset)));

/**
 * Returns printable sheets with the labels of assets, in the order of the IDs.
 * @throws NotFound if the viewer cannot see one of them, BadUserInput if there are too many
 */
export async function drawAssetLabels(ctx: Context, ids: readonly string[]): Promise<string[]> {
  if (ids.length > MAX_LABELS)
    throw new BadUserInput([{ path: "ids", message: `Provide the IDs of at most ${MAX_LABELS} assets, not of ${ids.length}.` }]);
  const uuids = ids.map((id, index) => decodeId("asset", id, `ids.${index}`));
  const assets = await Promise.all(uuids.map((id) => assetLoader(ctx).load(id)));
  const labels = assets.map((asset, index) => {
    if (asset === null) throw new NotFound("Asset", ids[index] ?? "");
    return labelOf(ctx, asset);
  });
  const sheets: string[] = [];
  // A turn per sheet, so that other operations are served between them.
  for (let first = 0; first < labels.length; first += LABELS_PER_SHEET)
    sheets.push(...(await ctx.computing.run(() => labelSheets(labels.slice(first, first + LABELS_PER_SHEET)))));
  return sheets;
}

/** The tenant and the tag are in the fragment of the URL, so that they are not in any server's log. */
function labelOf({ services, viewer }: Context, { tag, name }: Asset): Label {
  const given = new URLSearchParams({ tenant: viewer.tenantSlug, tag });
  return { url: `${services.config.mail.publicUrl}/asset#${given.toString()}`, title: tag, detail: name };
}
