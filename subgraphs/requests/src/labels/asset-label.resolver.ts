import type { Context } from "@weft/api/context";
import { Allow, can, ViewerIndependent } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Asset } from "../assets/asset.type.js";
import { drawAssetLabel, drawAssetLabels, MAX_LABELS } from "./asset-label.service.js";

/** Fields that labels add to assets. */
@Resolver(() => Asset)
export class AssetLabelResolver {
  @FieldResolver(() => String, {
    description:
      "Label as an SVG image of 70 × 37 mm: the tag, the name, and a QR code. The QR code contains the URL of a page that shows the asset to users who log in.",
  })
  @Allow(can("asset.read"))
  @ViewerIndependent("asset.read")
  label(@Root() asset: Asset, @Ctx() ctx: Context): Promise<string> {
    return drawAssetLabel(ctx, asset);
  }

  @Query(() => [String], {
    nullable: true,
    description:
      "Labels of assets, ready to print: A4 pages as SVG images, each with up to 24 labels of 70 × 37 mm. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID, too many).",
  })
  @Allow(can("asset.read"))
  assetLabels(
    @Arg("ids", () => [ID], { description: `IDs of the assets (\`ast_…\`), at most ${MAX_LABELS}, in the order of the labels.` })
    ids: string[],
    @Ctx() ctx: Context,
  ): Promise<string[]> {
    return drawAssetLabels(ctx, ids);
  }
}

export const assetLabelModule: SubgraphModule = { resolvers: { assets: [AssetLabelResolver] } };
