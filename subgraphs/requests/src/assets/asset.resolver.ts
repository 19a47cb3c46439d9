import { requests as tables } from "@weft/drizzle";
import {
  Allow,
  can,
  canInTenant,
  connectionOf,
  ConnectionArgs,
  type Context,
  decodeId,
  enumField,
  filterInput,
  type FilterValue,
  idField,
  keysetPage,
  NotFound,
  onlyWith,
  orderByInput,
  type OrderByValue,
  type Page,
  textField,
  timeField,
  nestedRows,
} from "@weft/shared";
import { eq } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { Building } from "../buildings/building.type.js";
import { buildingLoader } from "../buildings/building.loader.js";
import { assetLoader } from "./asset.loader.js";
import { CreateAssetInput, CreateAssetPayload, UpdateAssetInput, UpdateAssetPayload } from "./asset.input.js";
import * as service from "./asset.service.js";
import { type AssetRow, listAssetsOfBuildings, countAssets, listAssets } from "./asset.store.js";
import { Asset, AssetStatus, toAsset } from "./asset.type.js";

const { assets } = tables;

export const { Connection: AssetConnection } = connectionOf(Asset, "Asset");

const AssetFilter = filterInput("AssetFilter", {
  tag: textField(assets.tag),
  name: textField(assets.name),
  type: textField(assets.type),
  status: enumField("AssetStatus", AssetStatus, assets.status),
  building: onlyWith("building.read", idField("building", assets.buildingId)),
  createdAt: timeField(assets.createdAt),
});

const AssetOrder = orderByInput<AssetRow, "TAG" | "NAME" | "CREATED_AT">("AssetOrder", {
  TAG: { column: assets.tag, valueOf: (row) => row.tag },
  NAME: { column: assets.name, valueOf: (row) => row.name },
  CREATED_AT: { column: assets.createdAt, valueOf: (row) => row.createdAt },
});

const id = { column: assets.id, valueOf: (row: AssetRow) => row.id };

@Resolver(() => Asset)
export class AssetResolver {
  @Query(() => Asset, { nullable: true, description: "An asset. Errors: NOT_FOUND, BAD_USER_INPUT (malformed id)." })
  @Allow(can("asset.read"))
  async asset(@Arg("id", () => ID, { description: "Its id, `ast_…`." }) assetId: string, @Ctx() ctx: Context): Promise<Asset> {
    const asset = await assetLoader(ctx).load(decodeId("asset", assetId));
    if (asset === null) throw new NotFound("Asset", assetId);
    return asset;
  }

  @Query(() => AssetConnection, { nullable: true, description: "The tenant's assets, by tag unless ordered otherwise." })
  @Allow(can("asset.read"))
  assets(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => AssetFilter.Input, { nullable: true, description: "Which ones." }) filter: FilterValue | null,
    @Arg("orderBy", () => AssetOrder.Input, { nullable: true, description: "In which order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Asset>> {
    const where = AssetFilter.toSql(filter, "filter", ctx.viewer);
    return keysetPage<AssetRow, Asset>(ctx, {
      args,
      list: "assets",
      orderBy: AssetOrder.resolve(orderBy, ["TAG", "ASC"]),
      id,
      fetch: (slice) => ctx.read((tx) => listAssets(tx, ctx.viewer, where, slice)),
      count: () => ctx.read((tx) => countAssets(tx, ctx.viewer, where)),
      toNode: toAsset,
    });
  }

  @FieldResolver(() => Building, { nullable: true, description: "Where it stands; null where the viewer may not see that building." })
  @Allow(can("building.read"))
  building(@Root() asset: Asset, @Ctx() ctx: Context): Promise<Building | null> {
    return buildingLoader(ctx).load(asset.buildingId);
  }

  @Mutation(() => CreateAssetPayload, {
    description: "Creates an asset. Errors: BAD_USER_INPUT (unknown building, a tag that is taken), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("asset.create"))
  createAsset(@Arg("input", () => CreateAssetInput) input: CreateAssetInput, @Ctx() ctx: Context): Promise<CreateAssetPayload> {
    return service.createAsset(ctx, input);
  }

  @Mutation(() => UpdateAssetPayload, { description: "Changes an asset. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT." })
  @Allow(can("asset.update"))
  updateAsset(@Arg("input", () => UpdateAssetInput) input: UpdateAssetInput, @Ctx() ctx: Context): Promise<UpdateAssetPayload> {
    return service.updateAsset(ctx, input);
  }
}

/** What assets add to buildings. */
@Resolver(() => Building)
export class BuildingAssetsResolver {
  @FieldResolver(() => AssetConnection, { description: "Its assets, by tag." })
  @Allow(can("asset.read"))
  assets(@Root() building: Building, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Asset>> {
    return keysetPage<AssetRow, Asset>(ctx, {
      args,
      list: `building.assets ${building.id}`,
      orderBy: AssetOrder.resolve(null, ["TAG", "ASC"]),
      id,
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "building.assets",
          args,
          parentId: building.uuid,
          slice,
          select: (tx, ids) => listAssetsOfBuildings(tx, ctx.viewer, ids, slice),
          parentOf: (row) => row.buildingId,
        }),
      count: () => ctx.read((tx) => countAssets(tx, ctx.viewer, eq(assets.buildingId, building.uuid))),
      toNode: toAsset,
    });
  }
}
