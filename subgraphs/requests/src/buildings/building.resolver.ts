import {
  Allow,
  can,
  canInTenant,
  ConnectionArgs,
  connectionOf,
  type Context,
  enumField,
  filterInput,
  type FilterValue,
  loadById,
  orderByInput,
  type OrderByValue,
  type Page,
  tablePage,
  textField,
  timeField,
} from "@weft/shared";
import { requests as tables } from "@weft/drizzle";
import { and } from "drizzle-orm";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { buildingLoader } from "./building.loader.js";
import { CreateBuildingInput, CreateBuildingPayload, UpdateBuildingInput, UpdateBuildingPayload } from "./building.input.js";
import * as service from "./building.service.js";
import { type BuildingRow, visibleBuildings } from "./building.store.js";
import { Building, BuildingStatus, toBuilding } from "./building.type.js";

const { buildings } = tables;

export const { Connection: BuildingConnection } = connectionOf(Building, "Building");

const BuildingFilter = filterInput("BuildingFilter", {
  code: textField(buildings.code),
  name: textField(buildings.name),
  status: enumField("BuildingStatus", BuildingStatus, buildings.status),
  createdAt: timeField(buildings.createdAt),
});

const BuildingOrder = orderByInput<BuildingRow, "CODE" | "NAME" | "CREATED_AT">("BuildingOrder", {
  CODE: { column: buildings.code, valueOf: (row) => row.code },
  NAME: { column: buildings.name, valueOf: (row) => row.name },
  CREATED_AT: { column: buildings.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => Building)
export class BuildingResolver {
  @Query(() => Building, { nullable: true, description: "A building. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("building.read"))
  building(@Arg("id", () => ID, { description: "ID of the building (`bld_…`)." }) id: string, @Ctx() ctx: Context): Promise<Building> {
    return loadById(ctx, buildingLoader, "building", id);
  }

  @Query(() => BuildingConnection, { nullable: true, description: "Buildings of the tenant, by code by default." })
  @Allow(can("building.read"))
  buildings(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => BuildingFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => BuildingOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Building>> {
    return tablePage(ctx, {
      list: "buildings",
      args,
      table: buildings,
      where: and(visibleBuildings(ctx.viewer, "building.read"), BuildingFilter.toSql(filter)),
      orderBy: BuildingOrder.resolve(orderBy, ["CODE", "ASC"]),
      toNode: toBuilding,
    });
  }

  @Mutation(() => CreateBuildingPayload, {
    description: "Creates a building. Errors: BAD_USER_INPUT (taken code), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("building.create"))
  createBuilding(@Arg("input", () => CreateBuildingInput) input: CreateBuildingInput, @Ctx() ctx: Context): Promise<CreateBuildingPayload> {
    return service.createBuilding(ctx, input);
  }

  @Mutation(() => UpdateBuildingPayload, { description: "Changes a building. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT." })
  @Allow(can("building.update"))
  updateBuilding(@Arg("input", () => UpdateBuildingInput) input: UpdateBuildingInput, @Ctx() ctx: Context): Promise<UpdateBuildingPayload> {
    return service.updateBuilding(ctx, input);
  }
}
