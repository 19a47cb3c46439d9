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
  keysetPage,
  NotFound,
  orderByInput,
  type OrderByValue,
  type FilterValue,
  type Page,
  textField,
  timeField,
} from "@weft/shared";
import { requests as tables } from "@weft/drizzle";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { buildingLoader } from "./building.loader.js";
import { CreateBuildingInput, CreateBuildingPayload, UpdateBuildingInput, UpdateBuildingPayload } from "./building.input.js";
import * as service from "./building.service.js";
import { type BuildingRow, countBuildings, listBuildings } from "./building.store.js";
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
  @Query(() => Building, { nullable: true, description: "A building. Errors: NOT_FOUND, BAD_USER_INPUT (malformed id)." })
  @Allow(can("building.read"))
  async building(@Arg("id", () => ID, { description: "Its id, `bld_…`." }) id: string, @Ctx() ctx: Context): Promise<Building> {
    const building = await buildingLoader(ctx).load(decodeId("building", id));
    if (building === null) throw new NotFound("Building", id);
    return building;
  }

  @Query(() => BuildingConnection, { nullable: true, description: "The tenant's buildings, by code unless ordered otherwise." })
  @Allow(can("building.read"))
  buildings(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => BuildingFilter.Input, { nullable: true, description: "Which ones." }) filter: FilterValue | null,
    @Arg("orderBy", () => BuildingOrder.Input, { nullable: true, description: "In which order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Building>> {
    const where = BuildingFilter.toSql(filter);
    return keysetPage<BuildingRow, Building>(ctx, {
      args,
      list: "buildings",
      orderBy: BuildingOrder.resolve(orderBy, ["CODE", "ASC"]),
      id: { column: buildings.id, valueOf: (row) => row.id },
      fetch: (slice) => ctx.read((tx) => listBuildings(tx, ctx.viewer, where, slice)),
      count: () => ctx.read((tx) => countBuildings(tx, ctx.viewer, where)),
      toNode: toBuilding,
    });
  }

  @Mutation(() => CreateBuildingPayload, {
    description: "Creates a building. Errors: BAD_USER_INPUT (a code that is taken), CONFLICT (idempotency key).",
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
