import { maintenance } from "@weft/drizzle";
import { visibleObjects } from "@weft/platform/access";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { and } from "drizzle-orm";
import type { PlanRow } from "./plan.store.js";
import { type MaintenancePlan, MaintenancePlanStatus, toMaintenancePlan } from "./plan.type.js";

const { maintenancePlans } = maintenance;

export const MaintenancePlanFilter = filterInput("MaintenancePlanFilter", {
  name: textField(maintenancePlans.name),
  status: enumField("MaintenancePlanStatus", MaintenancePlanStatus, maintenancePlans.status),
  building: idField("building", maintenancePlans.buildingId),
  asset: idField("asset", maintenancePlans.assetId),
  createdAt: timeField(maintenancePlans.createdAt),
});

export const MaintenancePlanOrder = orderByInput("MaintenancePlanOrder", {
  NAME: { column: maintenancePlans.name, valueOf: (row: PlanRow) => row.name },
  CREATED_AT: { column: maintenancePlans.createdAt, valueOf: (row: PlanRow) => row.createdAt },
});

interface ListOptions {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
}

/** Returns a page of the tenant's maintenance plans, by name by default. */
export const listPlans = (ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<MaintenancePlan>> =>
  tablePage(ctx, {
    list: "maintenancePlans",
    args: page,
    table: maintenancePlans,
    where: and(visibleObjects("maintenancePlan", ctx.viewer, "maintenancePlan.read"), MaintenancePlanFilter.toSql(filter)),
    orderBy: MaintenancePlanOrder.resolve(orderBy, ["NAME", "ASC"]),
    toNode: toMaintenancePlan,
  });
