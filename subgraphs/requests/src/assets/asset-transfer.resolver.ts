import { requests as tables } from "@weft/drizzle";
import { countRows } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, connectionOf, keysetPage, nestedRows, type Order, type Page } from "@weft/api/pages";
import { Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { eq } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { assetLoader } from "./asset.loader.js";
import { Asset, AssetPayload } from "./asset.type.js";
import { buildingLoader } from "../buildings/building.loader.js";
import { Building } from "../buildings/building.type.js";
import { TransferAssetInput } from "./asset-transfer.input.js";
import { transferAsset } from "./transfer-asset.service.js";
import { type AssetTransferRow, listTransfers } from "./asset-transfer.store.js";
import { AssetTransfer, toAssetTransfer } from "./asset-transfer.type.js";

const { assetTransfers } = tables;

const { Connection: AssetTransferConnection } = connectionOf(AssetTransfer, "AssetTransfer");

const newestFirst: Order<AssetTransferRow> = {
  name: "CREATED_AT",
  direction: "DESC",
  column: assetTransfers.createdAt,
  valueOf: (row) => row.createdAt,
};

@Resolver(() => AssetTransfer)
export class AssetTransferResolver {
  @FieldResolver(() => Building, { nullable: true, description: "Building where the asset was. Null if you cannot see it." })
  @Allow(can("building.read"))
  from(@Root() { row }: AssetTransfer, @Ctx() ctx: Context): Promise<Building | null> {
    return buildingLoader(ctx).load(row.fromBuildingId);
  }

  @FieldResolver(() => Building, { nullable: true, description: "Building where the asset went. Null if you cannot see it." })
  @Allow(can("building.read"))
  to(@Root() { row }: AssetTransfer, @Ctx() ctx: Context): Promise<Building | null> {
    return buildingLoader(ctx).load(row.toBuildingId);
  }

  @FieldResolver(() => Asset, {
    nullable: true,
    description: "Asset that this one moved with, as a part of it. Null if it moved by itself, or if you cannot see the other asset.",
  })
  @Allow(can("asset.read"))
  async movedWith(@Root() { row }: AssetTransfer, @Ctx() ctx: Context): Promise<Asset | null> {
    return row.movedWithId === null ? null : assetLoader(ctx).load(row.movedWithId);
  }

  @Mutation(() => AssetPayload, {
    description:
      "Moves an asset to another building, by default with its parts. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unknown or inactive building, or the one where it is).",
  })
  @Allow(can("asset.update"))
  async transferAsset(@Arg("input", () => TransferAssetInput) input: TransferAssetInput, @Ctx() ctx: Context): Promise<AssetPayload> {
    return { asset: await transferAsset(ctx, input) };
  }
}

/** Fields that transfers add to assets. */
@Resolver(() => Asset)
export class AssetTransfersResolver {
  @FieldResolver(() => AssetTransferConnection, {
    nullable: true,
    description: "Transfers of the asset between buildings, newest first. Only for users of the organization.",
  })
  @Allow(staff)
  transfers(@Root() asset: Asset, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<AssetTransfer>> {
    return keysetPage<AssetTransferRow, AssetTransfer>(ctx, {
      args,
      list: `asset.transfers ${asset.id}`,
      orderBy: newestFirst,
      id: { column: assetTransfers.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "asset.transfers",
          args,
          parentId: asset.uuid,
          slice,
          select: (tx, ids) => listTransfers(tx, ids, slice),
          parentOf: (row) => row.assetId,
        }),
      count: () =>
        ctx.read((tx) => countRows(tx, { name: "countTransfers", table: assetTransfers, where: eq(assetTransfers.assetId, asset.uuid) })),
      toNode: toAssetTransfer,
    });
  }
}

export const assetTransferModule: SubgraphModule = { resolvers: { assets: [AssetTransferResolver, AssetTransfersResolver] } };
