import { column, columns, standardColumns, updateInputOf } from "@weft/api/columns";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, connectionOf, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field } from "type-graphql";
import { TenantFilter, TenantOrder } from "./tenant.filter.js";
import { Plan, Tenant, tenantColumns } from "./tenant.type.js";

export const { Connection: TenantConnection } = connectionOf(Tenant);

@ArgsType()
export class TenantsArgs extends ConnectionArgs {
  @Field(() => TenantFilter.Input, { nullable: true, description: "Filter for tenants." })
  filter?: FilterValue | null;

  @Field(() => TenantOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}

const tenantId = column.id("The tenant.", { requiredInUpdate: true });
const reason = column.text("Reason (1 to 2000 characters). Recorded in the audit log.", { requiredInUpdate: true });

export const DeactivateTenantInput = updateInputOf(
  "DeactivateTenantInput",
  columns({ tenantId: tenantColumns.map.tenantId, reason, ...standardColumns.expectedVersion }),
  "Input of `deactivateTenant`.",
);
export type DeactivateTenantInput = InstanceType<typeof DeactivateTenantInput>;

export const TenantStatusInput = updateInputOf(
  "TenantStatusInput",
  columns({ tenantId, reason, ...standardColumns.expectedVersion }),
  "Input for archiving, restoring and reactivating an organization.",
);
export type TenantStatusInput = InstanceType<typeof TenantStatusInput>;

export const SetTenantPlanInput = updateInputOf(
  "SetTenantPlanInput",
  columns({
    tenantId,
    plan: column.of(() => Plan, "New plan. Its limits take effect immediately; what already exceeds them is kept.", {
      requiredInUpdate: true,
    }),
    reason,
    ...standardColumns.expectedVersion,
  }),
  "Input of `setTenantPlan`.",
);
export type SetTenantPlanInput = InstanceType<typeof SetTenantPlanInput>;
