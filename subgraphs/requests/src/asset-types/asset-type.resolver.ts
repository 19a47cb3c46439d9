import { requests as tables } from "@weft/drizzle";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, textField, timeField } from "@weft/api/filters";
import { VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, can, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and } from "drizzle-orm";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { assetTypeLoader } from "./asset-type.loader.js";
import * as service from "./asset-type.service.js";
import { type AssetTypeRow, visibleAssetTypes } from "./asset-type.store.js";
import {
  AssetType,
  AssetTypeStatus,
  CreateAssetTypeInput,
  toAssetType,
  AssetTypePayload,
  UpdateAssetTypeInput,
} from "./asset-type.type.js";

const { assetTypes } = tables;

export const { Connection: AssetTypeConnection } = connectionOf(AssetType, "AssetType");

const AssetTypeFilter = filterInput("AssetTypeFilter", {
  key: textField(assetTypes.key),
  name: textField(assetTypes.name),
  status: enumField("AssetTypeStatus", AssetTypeStatus, assetTypes.status),
  createdAt: timeField(assetTypes.createdAt),
});

const AssetTypeOrder = orderByInput<AssetTypeRow, "KEY" | "NAME" | "POSITION" | "CREATED_AT">("AssetTypeOrder", {
  KEY: { column: assetTypes.key, valueOf: (row) => row.key },
  NAME: { column: assetTypes.name, valueOf: (row) => row.name },
  POSITION: { column: assetTypes.position, valueOf: (row) => String(row.position) },
  CREATED_AT: { column: assetTypes.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => AssetType)
export class AssetTypeResolver {
  @Query(() => AssetType, { nullable: true, description: "An asset type. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("asset.read"))
  assetType(@Arg("id", () => ID, { description: "ID of the asset type (`aty_…`)." }) id: string, @Ctx() ctx: Context): Promise<AssetType> {
    return loadById(ctx, assetTypeLoader, "assetType", id);
  }

  @Query(() => AssetTypeConnection, { nullable: true, description: "Asset types of the tenant, by key by default." })
  @Allow(can("asset.read"))
  assetTypes(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => AssetTypeFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => AssetTypeOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<AssetType>> {
    return tablePage(ctx, {
      list: "assetTypes",
      args,
      table: assetTypes,
      where: and(visibleAssetTypes(ctx.viewer, "asset.read"), AssetTypeFilter.toSql(filter)),
      orderBy: AssetTypeOrder.resolve(orderBy, ["KEY", "ASC"]),
      toNode: toAssetType,
    });
  }

  @Mutation(() => AssetTypePayload, {
    description: "Creates an asset type. Errors: BAD_USER_INPUT (taken key, unknown definition or state), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("assetType.update"))
  async createAssetType(
    @Arg("input", () => CreateAssetTypeInput) input: CreateAssetTypeInput,
    @Ctx() ctx: Context,
  ): Promise<AssetTypePayload> {
    return { assetType: await service.createAssetType(ctx, input) };
  }

  @Mutation(() => AssetTypePayload, {
    description: "Changes an asset type. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (equal serial numbers, unknown definition or state).",
  })
  @Allow(canInTenant("assetType.update"))
  async updateAssetType(
    @Arg("input", () => UpdateAssetTypeInput) input: UpdateAssetTypeInput,
    @Ctx() ctx: Context,
  ): Promise<AssetTypePayload> {
    return { assetType: await service.updateAssetType(ctx, input) };
  }

  @Mutation(() => AssetTypePayload, {
    description: "Ends the use of an asset type for new assets. Existing assets stay. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("assetType.update"))
  async deactivateAssetType(
    @Arg("input", () => VersionedIdInput, { description: "The asset type." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<AssetTypePayload> {
    return { assetType: await service.deactivateAssetType(ctx, input) };
  }

  @Mutation(() => AssetTypePayload, {
    description: "Allows new assets of an inactive asset type again. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("assetType.update"))
  async reactivateAssetType(
    @Arg("input", () => VersionedIdInput, { description: "The asset type." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<AssetTypePayload> {
    return { assetType: await service.reactivateAssetType(ctx, input) };
  }
}

export const assetTypeModule: SubgraphModule = {
  resolvers: { assets: [AssetTypeResolver] },
  references: { AssetType: referencesThrough(assetTypeLoader) },
};
