import { requests as tables } from "@weft/drizzle";
import {
  Allow,
  can,
  canInTenant,
  ConnectionArgs,
  connectionOf,
  countRows,
  type Context,
  enumField,
  filterInput,
  type FilterValue,
  idField,
  keysetPage,
  loadById,
  nestedRows,
  onlyWith,
  orderByInput,
  type OrderByValue,
  type Page,
  tablePage,
  textField,
  timeField,
} from "@weft/shared";
import { and, eq } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { Building } from "../buildings/building.type.js";
import { buildingLoader } from "../buildings/building.loader.js";
import { assetLoader } from "./asset.loader.js";
import { CreateAssetInput, CreateAssetPayload, UpdateAssetInput, UpdateAssetPayload } from "./asset.input.js";
import * as service from "./asset.service.js";
import { type AssetRow, listAssetsOfBuildings, visibleAssets } from "./asset.store.js";
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
  @Query(() => Asset, { nullable: true, description: "An asset. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("asset.read"))
  asset(@Arg("id", () => ID, { description: "ID of the asset (`ast_…`)." }) assetId: string, @Ctx() ctx: Context): Promise<Asset> {
    return loadById(ctx, assetLoader, "asset", assetId);
  }

  @Query(() => AssetConnection, { nullable: true, description: "Assets of the tenant, by tag by default." })
  @Allow(can("asset.read"))
  assets(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => AssetFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => AssetOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Asset>> {
    return tablePage(ctx, {
      list: "assets",
      args,
      table: assets,
      where: and(visibleAssets(ctx.viewer, "asset.read"), AssetFilter.toSql(filter, "filter", ctx.viewer)),
      orderBy: AssetOrder.resolve(orderBy, ["TAG", "ASC"]),
      toNode: toAsset,
    });
  }

  @FieldResolver(() => Building, { nullable: true, description: "Building of the asset. Null if you cannot see it." })
  @Allow(can("building.read"))
  building(@Root() asset: Asset, @Ctx() ctx: Context): Promise<Building | null> {
    return buildingLoader(ctx).load(asset.buildingId);
  }

  @Mutation(() => CreateAssetPayload, {
    description: "Creates an asset. Errors: BAD_USER_INPUT (unknown building, taken tag), CONFLICT (idempotency key).",
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

/** Fields that assets add to buildings. */
@Resolver(() => Building)
export class BuildingAssetsResolver {
  @FieldResolver(() => AssetConnection, { description: "Assets of the building, by tag." })
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
      count: () => {
        const where = and(visibleAssets(ctx.viewer, "asset.read"), eq(assets.buildingId, building.uuid));
        return ctx.read((tx) => countRows(tx, { name: "countAssets", table: assets, where }));
      },
      toNode: toAsset,
    });
  }
}
