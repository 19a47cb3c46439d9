import { requests as tables } from "@weft/drizzle";
import { formOfFields, shownFields, type JsonObject } from "@weft/engine";
import { countRows, planForValues } from "@weft/platform/db";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import { blindFilter, fieldPage } from "@weft/api/custom-fields";
import { asksFor, type FilterValue } from "@weft/api/filters";
import { Form } from "@weft/api/forms";
import { DeletePayload, KeyedVersionedIdInput, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, keysetPage, nestedRows, type Order, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, can, canInTenant, inherit, VendorPortal, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { searchLanguages } from "@weft/api/search";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and, eq } from "drizzle-orm";
import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from "type-graphql";
import { assetTypeByKeyLoader } from "../asset-types/asset-type.loader.js";
import { AssetType } from "../asset-types/asset-type.type.js";
import { Building } from "../buildings/building.type.js";
import { useView } from "../saved-views/use-view.service.js";
import { assetAsOf } from "../as-of/as-of.service.js";
import { buildingLoaderAsOf } from "../buildings/building.loader.js";
import { spaceLoaderAsOf } from "../spaces/space.loader.js";
import { Space } from "../spaces/space.type.js";
import { AssetConnection, AssetFilter, assetId, AssetOrder } from "./asset.list.js";
import { assetLoader, assetLoaderAsOf } from "./asset.loader.js";
import * as service from "./asset.service.js";
import { type AssetRow, deletedAssets, findAssetByTag, listAssetsOfBuildings, listChildren, visibleAssets } from "./asset.store.js";
import { Asset, CreateAssetInput, toAsset, AssetPayload, UpdateAssetInput } from "./asset.type.js";
import { deleteAsset, restoreAsset } from "./delete-asset.service.js";
import { DeletedAsset, toDeletedAsset } from "./deleted-asset.type.js";
import { startAssetLifecycle } from "./start-lifecycle.service.js";

const { assets } = tables;

const { Connection: DeletedAssetConnection } = connectionOf(DeletedAsset, "DeletedAsset");

const deletionOrder: Order<AssetRow> = {
  name: "DELETED_AT",
  direction: "DESC",
  column: assets.deletedAt,
  valueOf: (row) => row.deletedAt ?? "",
};

@Resolver(() => Asset)
export class AssetResolver {
  @Query(() => Asset, {
    nullable: true,
    description: "An asset. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID; `asOf` in the future, or before the asset was created).",
  })
  @Allow(can("asset.read"))
  @VendorPortal()
  asset(
    @Arg("id", () => ID, { description: "ID of the asset (`ast_…`)." }) assetId: string,
    @Arg("asOf", () => DateTimeScalar, {
      nullable: true,
      description:
        "Returns the asset as it was at this time: its own fields, and its building, space and parent, with your rights of now. Other linked objects and lists are as of now.",
    })
    asOf: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<Asset> {
    return asOf ? assetAsOf(ctx, assetId, asOf) : loadById(ctx, assetLoader, "asset", assetId);
  }

  @Query(() => AssetConnection, { nullable: true, description: "Assets of the tenant, by tag by default." })
  @Allow(can("asset.read"))
  @VendorPortal()
  async assets(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => AssetFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => AssetOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Arg("viewId", () => ID, {
      nullable: true,
      description: "ID of a saved view of this list. Its filter applies in addition to `filter`, and its order unless `orderBy` is given.",
    })
    viewId: string | null,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<Page<Asset>> {
    const view = await useView(ctx, schema, { viewId, list: "ASSETS" });
    const own = await blindFilter(ctx, "ASSET", filter);
    const ofView = await blindFilter(ctx, "ASSET", view.filter);
    const asks = (field: string, operator?: string): boolean => asksFor(field, [filter, view.filter], operator);
    const isSearch = asks("search");
    const isCollected = isSearch || asks("tag", "contains") || asks("serialNumber", "contains");
    const languages = isSearch ? await ctx.read((tx) => searchLanguages(tx)) : [];
    return fieldPage(ctx, {
      list: "assets",
      kind: "ASSET",
      args,
      table: assets,
      filter: view.filter ? { and: [view.filter, filter ?? {}] } : filter,
      where: and(
        visibleAssets(ctx.viewer, "asset.read"),
        AssetFilter.toSql(ofView, "viewId.filter", ctx.viewer, languages),
        AssetFilter.toSql(own, "filter", ctx.viewer, languages),
      ),
      order: AssetOrder,
      orderBy: orderBy ?? view.orderBy,
      otherwise: ["TAG", "ASC"],
      toNode: toAsset,
      // The best plan depends on how many assets contain a word or a part of a tag: either collect them, or scan in list order.
      ...(isCollected && { read: (run) => ctx.read(async (tx) => (await planForValues(tx), run(tx))) }),
    });
  }

  @Query(() => Asset, {
    nullable: true,
    description: "The asset with this tag, for example from a scanned label. Null if there is none that you can see.",
  })
  @Allow(can("asset.read"))
  @VendorPortal()
  async assetByTag(
    @Arg("tag", () => String, { description: "Tag on the asset." }) tag: string,
    @Ctx() ctx: Context,
  ): Promise<Asset | null> {
    const row = await ctx.read((tx) => findAssetByTag(tx, ctx.viewer, tag));
    return row && toAsset(row);
  }

  @Query(() => DeletedAssetConnection, { nullable: true, description: "Deleted assets, those that were deleted last first." })
  @Allow(canInTenant("asset.delete"))
  deletedAssets(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<DeletedAsset>> {
    return tablePage(ctx, {
      list: "deletedAssets",
      args,
      table: assets,
      where: deletedAssets(ctx.viewer),
      orderBy: deletionOrder,
      toNode: toDeletedAsset,
    });
  }

  @FieldResolver(() => JsonScalar)
  fields(@Root() { uuid, type: typeKey, fields }: Asset, @Ctx() ctx: Context): Promise<JsonObject> {
    return shownFields(ctx, { kind: "ASSET", typeKey }, { id: uuid, fields: fields as JsonObject });
  }

  @FieldResolver(() => Form, {
    nullable: true,
    description: "Form of the input `fields` of `updateAsset`, with the current values. Null if the type has no custom fields.",
  })
  @Allow(inherit)
  form(@Root() { uuid, type: typeKey, fields }: Asset, @Ctx() ctx: Context): Promise<Form | null> {
    return formOfFields(ctx, { kind: "ASSET", typeKey }, { id: uuid, fields: fields as JsonObject });
  }

  @FieldResolver(() => AssetType, { nullable: true, description: "Type of the asset." })
  @Allow(can("asset.read"))
  @ViewerIndependent("asset.read")
  assetType(@Root() asset: Asset, @Ctx() ctx: Context): Promise<AssetType | null> {
    return assetTypeByKeyLoader(ctx).load(asset.type);
  }

  @FieldResolver(() => Asset, {
    nullable: true,
    description: "Asset that this one is part of. Null if there is none, or if you cannot see it.",
  })
  @Allow(can("asset.read"))
  async parent(@Root() { parentId, asOf }: Asset, @Ctx() ctx: Context): Promise<Asset | null> {
    return parentId === null ? null : assetLoaderAsOf(asOf)(ctx).load(parentId);
  }

  @FieldResolver(() => AssetConnection, { description: "Assets that are parts of this one, by tag." })
  @Allow(can("asset.read"))
  children(@Root() asset: Asset, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Asset>> {
    return keysetPage<AssetRow, Asset>(ctx, {
      args,
      list: `asset.children ${asset.id}`,
      orderBy: AssetOrder.resolve(null, ["TAG", "ASC"]),
      id: assetId,
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "asset.children",
          args,
          parentId: asset.uuid,
          slice,
          select: (tx, ids) => listChildren(tx, ctx.viewer, ids, slice),
          parentOf: (row) => row.parentId,
        }),
      count: () => {
        const where = and(visibleAssets(ctx.viewer, "asset.read"), eq(assets.parentId, asset.uuid));
        return ctx.read((tx) => countRows(tx, { name: "countChildren", table: assets, where }));
      },
      toNode: toAsset,
    });
  }

  @FieldResolver(() => Building, { nullable: true, description: "Building of the asset. Null if you cannot see it." })
  @Allow(can("building.read"))
  building(@Root() asset: Asset, @Ctx() ctx: Context): Promise<Building | null> {
    return buildingLoaderAsOf(asset.asOf)(ctx).load(asset.buildingId);
  }

  @FieldResolver(() => Space, {
    nullable: true,
    description: "Floor, room, or area of the asset. Null if there is none, or if you cannot see it.",
  })
  @Allow(can("building.read"))
  async space(@Root() { spaceId, asOf }: Asset, @Ctx() ctx: Context): Promise<Space | null> {
    return spaceId === null ? null : spaceLoaderAsOf(asOf)(ctx).load(spaceId);
  }

  @Mutation(() => AssetPayload, {
    description:
      "Creates an asset. Errors: BAD_USER_INPUT (unknown or inactive building, inactive type, unknown space, owner, custodian or parent, taken tag or serial number), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("asset.create"))
  createAsset(@Arg("input", () => CreateAssetInput) input: CreateAssetInput, @Ctx() ctx: Context): Promise<AssetPayload> {
    return service.createAsset(ctx, input);
  }

  @Mutation(() => AssetPayload, { description: "Changes an asset. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT." })
  @Allow(can("asset.update"))
  updateAsset(@Arg("input", () => UpdateAssetInput) input: UpdateAssetInput, @Ctx() ctx: Context): Promise<AssetPayload> {
    return service.updateAsset(ctx, input);
  }

  @Mutation(() => AssetPayload, {
    description:
      "Starts the workflow of an asset whose type has a lifecycle, if none runs. Errors: NOT_FOUND, CONFLICT (it runs already), BAD_USER_INPUT (the type has no lifecycle).",
  })
  @Allow(can("asset.update"))
  async startAssetLifecycle(
    @Arg("input", () => KeyedVersionedIdInput, { description: "The asset." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<AssetPayload> {
    return { asset: await startAssetLifecycle(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes an asset without open requests, a running workflow, and children. `restoreAsset` restores it. Errors: NOT_FOUND, CONFLICT (another version; in use: `extensions.dependents` has the counts).",
  })
  @Allow(canInTenant("asset.delete"))
  async deleteAsset(
    @Arg("input", () => VersionedIdInput, { description: "The asset." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await deleteAsset(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => AssetPayload, {
    description:
      "Restores a deleted asset. Errors: NOT_FOUND (also if it is not deleted), CONFLICT, BAD_USER_INPUT (the tag or serial number is taken, the building or parent is deleted).",
  })
  @Allow(canInTenant("asset.delete"))
  async restoreAsset(
    @Arg("input", () => VersionedIdInput, { description: "The asset." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<AssetPayload> {
    return { asset: await restoreAsset(ctx, input) };
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
      id: assetId,
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

export const assetModule: SubgraphModule = {
  resolvers: { assets: [AssetResolver, BuildingAssetsResolver] },
  references: { Asset: referencesThrough(assetLoader) },
};
