import { formOfFields, shownFields, type JsonObject } from "@weft/engine";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import { blindFilter, customFieldsFilter, fieldPage } from "@weft/api/custom-fields";
import { externalIdField } from "@weft/api/external-ids";
import { enumField, filterInput, type FilterValue, textField, timeField, wordIn, wordsField } from "@weft/api/filters";
import { Form } from "@weft/api/forms";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can, canInTenant, inherit, VendorPortal } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { requests as tables } from "@weft/drizzle";
import { and, sql } from "drizzle-orm";
import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from "type-graphql";
import { buildingUserField } from "../building-users/building-user.filter.js";
import { useView } from "../saved-views/use-view.service.js";
import { buildingLoader } from "./building.loader.js";
import * as service from "./building.service.js";
import { deleteBuilding, restoreBuilding } from "./delete-building.service.js";
import { type BuildingRow, visibleBuildings } from "./building.store.js";
import { Building, BuildingStatus, CreateBuildingInput, toBuilding, UpdateBuildingInput, BuildingPayload } from "./building.type.js";

const { buildings } = tables;

export const { Connection: BuildingConnection } = connectionOf(Building, "Building");

const texts = sql`concat_ws(' ', ${buildings.code}, ${buildings.name}, ${buildings.address}, ${buildings.postalCode}, ${buildings.city}, ${buildings.region}, ${buildings.country})`;
// Users of a vendor must not find a building by a custom field that they cannot see.
const allTexts = sql`requests.texts_of(${texts}, app.readable_fields(${buildings.fields}))`;

export const BuildingFilter = filterInput("BuildingFilter", {
  code: textField(buildings.code),
  name: textField(buildings.name),
  search: wordsField(
    (words, by) => and(...words.map(wordIn(by?.viewer.vendorId === null ? allTexts : texts))) ?? sql`true`,
    "Searches code, name, address, and custom fields that are not encrypted.",
  ),
  postalCode: textField(buildings.postalCode, "Postal code. Empty if unknown."),
  city: textField(buildings.city, "City. Empty if unknown."),
  region: textField(buildings.region, "State, province, or canton. Empty if unknown."),
  country: textField(buildings.country, "Country code (ISO 3166-1 alpha-2)."),
  status: enumField("BuildingStatus", BuildingStatus, buildings.status),
  user: buildingUserField,
  externalId: externalIdField("BUILDINGS", buildings.id),
  createdAt: timeField(buildings.createdAt),
  fields: customFieldsFilter("BUILDING", buildings.id),
});

export const BuildingOrder = orderByInput<BuildingRow, "CODE" | "NAME" | "CREATED_AT">(
  "BuildingOrder",
  {
    CODE: { column: buildings.code, valueOf: (row) => row.code },
    NAME: { column: buildings.name, valueOf: (row) => row.name },
    CREATED_AT: { column: buildings.createdAt, valueOf: (row) => row.createdAt },
  },
  { customFields: true },
);

@Resolver(() => Building)
export class BuildingResolver {
  @Query(() => Building, { nullable: true, description: "A building. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("building.read"))
  @VendorPortal()
  building(@Arg("id", () => ID, { description: "ID of the building (`bld_…`)." }) id: string, @Ctx() ctx: Context): Promise<Building> {
    return loadById(ctx, buildingLoader, "building", id);
  }

  @Query(() => BuildingConnection, { nullable: true, description: "Buildings of the tenant, by code by default." })
  @Allow(can("building.read"))
  @VendorPortal()
  async buildings(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => BuildingFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => BuildingOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Arg("viewId", () => ID, {
      nullable: true,
      description: "ID of a saved view of this list. Its filter applies in addition to `filter`, and its order unless `orderBy` is given.",
    })
    viewId: string | null,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<Page<Building>> {
    const view = await useView(ctx, schema, { viewId, list: "BUILDINGS" });
    const own = await blindFilter(ctx, "BUILDING", filter);
    const ofView = await blindFilter(ctx, "BUILDING", view.filter);
    return fieldPage(ctx, {
      list: "buildings",
      kind: "BUILDING",
      args,
      table: buildings,
      filter: view.filter ? { and: [view.filter, filter ?? {}] } : filter,
      where: and(
        visibleBuildings(ctx.viewer, "building.read"),
        BuildingFilter.toSql(ofView, "viewId.filter", ctx.viewer),
        BuildingFilter.toSql(own, "filter", ctx.viewer),
      ),
      order: BuildingOrder,
      orderBy: orderBy ?? view.orderBy,
      otherwise: ["CODE", "ASC"],
      toNode: toBuilding,
    });
  }

  @FieldResolver(() => JsonScalar)
  fields(@Root() { uuid, fields }: Building, @Ctx() ctx: Context): Promise<JsonObject> {
    return shownFields(ctx, "BUILDING", { id: uuid, fields: fields as JsonObject });
  }

  @FieldResolver(() => Form, {
    nullable: true,
    description: "Form of the input `fields` of `updateBuilding`, with the current values. Null if buildings have no custom fields.",
  })
  @Allow(inherit)
  form(@Root() { uuid, fields }: Building, @Ctx() ctx: Context): Promise<Form | null> {
    return formOfFields(ctx, "BUILDING", { id: uuid, fields: fields as JsonObject });
  }

  @Mutation(() => BuildingPayload, {
    description: "Creates a building. Errors: BAD_USER_INPUT (taken code), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("building.create"))
  createBuilding(@Arg("input", () => CreateBuildingInput) input: CreateBuildingInput, @Ctx() ctx: Context): Promise<BuildingPayload> {
    return service.createBuilding(ctx, input);
  }

  @Mutation(() => BuildingPayload, { description: "Changes a building. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT." })
  @Allow(can("building.update"))
  updateBuilding(@Arg("input", () => UpdateBuildingInput) input: UpdateBuildingInput, @Ctx() ctx: Context): Promise<BuildingPayload> {
    return service.updateBuilding(ctx, input);
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a building without spaces, open requests, and assets that are not decommissioned. Its code becomes available again. Errors: NOT_FOUND, CONFLICT (another version, or in use: with the number of each in `dependents`), BAD_USER_INPUT (malformed ID).",
  })
  @Allow(can("building.delete"))
  async deleteBuilding(
    @Arg("input", () => VersionedIdInput, { description: "The building." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await deleteBuilding(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => BuildingPayload, {
    description:
      "Restores a deleted building. Errors: NOT_FOUND (also if the building is not deleted), CONFLICT (another version), BAD_USER_INPUT (another building has its code).",
  })
  @Allow(can("building.delete"))
  async restoreBuilding(
    @Arg("input", () => VersionedIdInput, { description: "The building." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<BuildingPayload> {
    return { building: toBuilding(await restoreBuilding(ctx, input)) };
  }
}

export const buildingModule: SubgraphModule = {
  resolvers: { places: [BuildingResolver] },
  references: { Building: referencesThrough(buildingLoader) },
};
