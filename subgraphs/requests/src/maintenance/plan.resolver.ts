import { maintenance } from "@weft/drizzle";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import type { FilterValue } from "@weft/api/filters";
import { VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, nestedRows, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, can, canInTenant, inherit, inPerson } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { assetLoader } from "../assets/asset.loader.js";
import { Asset } from "../assets/asset.type.js";
import { buildingLoader } from "../buildings/building.loader.js";
import { Building } from "../buildings/building.type.js";
import { meterLoader } from "../meters/meter.loader.js";
import { Meter } from "../meters/meter.type.js";
import { requestTypeLoader } from "../request-types/request-type.loader.js";
import { RequestType } from "../request-types/request-type.type.js";
import { requestLoader } from "../requests/request.loader.js";
import { Request } from "../requests/request.type.js";
import { spaceLoader } from "../spaces/space.loader.js";
import { Space } from "../spaces/space.type.js";
import * as control from "./control.service.js";
import { nextOccurrencesOf } from "./next-occurrences.js";
import { countOccurrences, listOccurrences, type OccurrenceRow } from "./occurrence.store.js";
import { MaintenanceOccurrence, MaintenanceOccurrenceConnection, PlannedMaintenance, toOccurrence } from "./occurrence.type.js";
import { PauseMaintenancePlanInput, ShiftOccurrenceInput, SkipOccurrenceInput } from "./plan.input.js";
import { listPlans, MaintenancePlanFilter, MaintenancePlanOrder } from "./plan.list.js";
import { maintenancePlanLoader } from "./plan.loader.js";
import { createMaintenancePlan, updateMaintenancePlan } from "./plan.service.js";
import {
  CreateMaintenancePlanInput,
  MaintenancePlan,
  MaintenancePlanConnection,
  toMaintenancePlan,
  MaintenancePlanPayload,
  UpdateMaintenancePlanInput,
} from "./plan.type.js";

const { maintenanceOccurrences } = maintenance;

@Resolver(() => MaintenancePlan)
export class MaintenancePlanResolver {
  @Query(() => MaintenancePlan, { nullable: true, description: "A maintenance plan. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("maintenancePlan.read"))
  maintenancePlan(
    @Arg("id", () => ID, { description: "ID of the plan (`mpl_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<MaintenancePlan> {
    return loadById(ctx, maintenancePlanLoader, "maintenancePlan", id);
  }

  @Query(() => MaintenancePlanConnection, { nullable: true, description: "Maintenance plans, by name by default." })
  @Allow(can("maintenancePlan.read"))
  maintenancePlans(
    @Arg("filter", () => MaintenancePlanFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => MaintenancePlanOrder.Input, { nullable: true, description: "Sort order." })
    orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<MaintenancePlan>> {
    return listPlans(ctx, { filter, orderBy, page });
  }

  @Mutation(() => MaintenancePlanPayload, {
    description:
      "Creates a maintenance plan, which creates and submits requests in your name and with the rights that you have then. Requires `request.create` and `request.submit` too, and `request.triage` for a priority, due date or tags. Errors: BAD_USER_INPUT, FORBIDDEN, CONFLICT (idempotency key).",
  })
  @Allow(allOf(canInTenant("maintenancePlan.create"), inPerson))
  async createMaintenancePlan(
    @Arg("input", () => CreateMaintenancePlanInput) input: CreateMaintenancePlanInput,
    @Ctx() ctx: Context,
  ): Promise<MaintenancePlanPayload> {
    return { plan: toMaintenancePlan(await createMaintenancePlan(ctx, input)) };
  }

  @Mutation(() => MaintenancePlanPayload, {
    description:
      "Updates a maintenance plan. You become its owner, so its requests are created in your name. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN.",
  })
  @Allow(allOf(can("maintenancePlan.update"), inPerson))
  async updateMaintenancePlan(
    @Arg("input", () => UpdateMaintenancePlanInput) input: UpdateMaintenancePlanInput,
    @Ctx() ctx: Context,
  ): Promise<MaintenancePlanPayload> {
    return { plan: toMaintenancePlan(await updateMaintenancePlan(ctx, input)) };
  }

  @Mutation(() => MaintenancePlanPayload, {
    description:
      "Pauses a maintenance plan. Planned times during the pause create no requests. Errors: NOT_FOUND, CONFLICT (also if it is not active), BAD_USER_INPUT.",
  })
  @Allow(can("maintenancePlan.update"))
  async pauseMaintenancePlan(
    @Arg("input", () => PauseMaintenancePlanInput) input: PauseMaintenancePlanInput,
    @Ctx() ctx: Context,
  ): Promise<MaintenancePlanPayload> {
    return { plan: toMaintenancePlan(await control.pauseMaintenancePlan(ctx, input)) };
  }

  @Mutation(() => MaintenancePlanPayload, {
    description:
      "Resumes a paused maintenance plan. A total that the meter has reached in the meantime creates its request now. Errors: NOT_FOUND, CONFLICT (also if it is not paused).",
  })
  @Allow(can("maintenancePlan.update"))
  async resumeMaintenancePlan(
    @Arg("input", () => VersionedIdInput, { description: "The plan." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<MaintenancePlanPayload> {
    return { plan: toMaintenancePlan(await control.resumeMaintenancePlan(ctx, input)) };
  }

  @Mutation(() => MaintenancePlanPayload, {
    description:
      "Skips one occurrence of a maintenance plan. The series keeps its rhythm. Errors: NOT_FOUND, CONFLICT (ended plan), BAD_USER_INPUT (nothing is planned then, or it is decided already).",
  })
  @Allow(can("maintenancePlan.update"))
  async skipOccurrence(
    @Arg("input", () => SkipOccurrenceInput) input: SkipOccurrenceInput,
    @Ctx() ctx: Context,
  ): Promise<MaintenancePlanPayload> {
    return { plan: toMaintenancePlan(await control.skipOccurrence(ctx, input)) };
  }

  @Mutation(() => MaintenancePlanPayload, {
    description:
      "Shifts one occurrence of a maintenance plan to another time. The series keeps its rhythm. Errors: NOT_FOUND, CONFLICT (ended plan), BAD_USER_INPUT (nothing is planned then, or the new time is not between its neighbors).",
  })
  @Allow(can("maintenancePlan.update"))
  async shiftOccurrence(
    @Arg("input", () => ShiftOccurrenceInput) input: ShiftOccurrenceInput,
    @Ctx() ctx: Context,
  ): Promise<MaintenancePlanPayload> {
    return { plan: toMaintenancePlan(await control.shiftOccurrence(ctx, input)) };
  }
}

@Resolver(() => MaintenancePlan)
export class MaintenancePlanFieldsResolver {
  @FieldResolver(() => RequestType, { nullable: true, description: "Type of the requests. Null if you cannot see it." })
  @Allow(inherit)
  requestType(@Root() { row }: MaintenancePlan, @Ctx() ctx: Context): Promise<RequestType | null> {
    return requestTypeLoader(ctx).load(row.typeId);
  }

  @FieldResolver(() => Building, { nullable: true, description: "Building of the requests. Null if there is none or you cannot see it." })
  @Allow(inherit)
  async building(@Root() { row }: MaintenancePlan, @Ctx() ctx: Context): Promise<Building | null> {
    return row.buildingId === null ? null : buildingLoader(ctx).load(row.buildingId);
  }

  @FieldResolver(() => Asset, { nullable: true, description: "Asset of the requests. Null if there is none or you cannot see it." })
  @Allow(inherit)
  async asset(@Root() { row }: MaintenancePlan, @Ctx() ctx: Context): Promise<Asset | null> {
    return row.assetId === null ? null : assetLoader(ctx).load(row.assetId);
  }

  @FieldResolver(() => Space, {
    nullable: true,
    description: "Space of the requests. Null if it is that of the asset, if there is none, or if you cannot see it.",
  })
  @Allow(inherit)
  async space(@Root() { row }: MaintenancePlan, @Ctx() ctx: Context): Promise<Space | null> {
    return row.spaceId === null ? null : spaceLoader(ctx).load(row.spaceId);
  }

  @FieldResolver(() => Meter, { nullable: true, description: "Meter. Null if there is none or you cannot see it." })
  @Allow(inherit)
  async meter(@Root() { row }: MaintenancePlan, @Ctx() ctx: Context): Promise<Meter | null> {
    return row.meterId === null ? null : meterLoader(ctx).load(row.meterId);
  }

  @FieldResolver(() => [PlannedMaintenance], {
    description: "The next planned times, with those that are skipped or shifted. Empty if the plan is not active or has no calendar.",
  })
  @Allow(inherit)
  @SizedBy({ by: ["first"], initial: 10, maximum: 100 })
  nextOccurrences(
    @Root() { row }: MaintenancePlan,
    @Arg("first", () => Int, { nullable: true, description: "Number of times (default 10, maximum 100)." }) first:
      | number
      | null
      | undefined,
    @Ctx() ctx: Context,
  ): Promise<PlannedMaintenance[]> {
    return nextOccurrencesOf(ctx, row, first);
  }

  @FieldResolver(() => MaintenanceOccurrenceConnection, {
    description: "Occurrences that were generated, skipped, shifted or missed, or have failed, latest planned time first.",
  })
  @Allow(inherit)
  occurrences(
    @Root() { row }: MaintenancePlan,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<MaintenanceOccurrence>> {
    return keysetPage<OccurrenceRow, MaintenanceOccurrence>(ctx, {
      args,
      list: `maintenancePlan.occurrences ${row.id}`,
      orderBy: {
        name: "PLANNED_AT",
        column: maintenanceOccurrences.plannedAt,
        valueOf: (occurrence) => occurrence.plannedAt,
        direction: "DESC",
      },
      id: { column: maintenanceOccurrences.id, valueOf: (occurrence) => occurrence.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "maintenancePlan.occurrences",
          args,
          parentId: row.id,
          slice,
          select: (tx, ids, one) => listOccurrences(tx, ids, one),
          parentOf: (occurrence) => occurrence.planId,
        }),
      count: () => ctx.read((tx) => countOccurrences(tx, row.id)),
      toNode: toOccurrence,
    });
  }
}

@Resolver(() => MaintenanceOccurrence)
export class MaintenanceOccurrenceResolver {
  @FieldResolver(() => Request)
  async request(@Root() { requestId }: MaintenanceOccurrence, @Ctx() ctx: Context): Promise<Request | null> {
    return requestId === null ? null : requestLoader(ctx).load(requestId);
  }
}

export const maintenancePlanModule: SubgraphModule = {
  resolvers: { assets: [MaintenancePlanResolver, MaintenancePlanFieldsResolver, MaintenanceOccurrenceResolver] },
  references: { MaintenancePlan: referencesThrough(maintenancePlanLoader) },
};
