import { Allow, ConnectionArgs, connectionOf, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { TenantFilter, TenantOrder } from "./tenant.filter.js";
import { Plan, Tenant } from "./tenant.type.js";

export const { Connection: TenantConnection } = connectionOf(Tenant);

@ArgsType()
export class TenantsArgs extends ConnectionArgs {
  @Field(() => TenantFilter.Input, { nullable: true, description: "Only tenants that meet this." })
  filter?: FilterValue | null;

  @Field(() => TenantOrder.Input, { nullable: true, description: "By name when nothing is said." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "The first person of a new tenant, its administrator." })
export class TenantAdminInput {
  @Field(() => String, { description: "What people call this person; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { description: "Logs in." })
  email!: string;

  @Field(() => String, { nullable: true, description: "Logs in like the email; the part before the @ when left out." })
  username?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "At most 256 characters. Better left out: then this person is invited by mail and chooses one.",
  })
  password?: string | null;
}

@InputType({ description: "A new tenant." })
export class CreateTenantInput {
  @Field(() => String, { description: "Short name, unique in the installation; the `tenant` of a login." })
  slug!: string;

  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => Plan, { defaultValue: Plan.FREE, description: "What it has subscribed to." })
  plan!: Plan;

  @Field(() => TenantAdminInput, { description: "Its first person." })
  admin!: TenantAdminInput;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same tenant." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createTenant` answers." })
@Allow(inherit)
export class CreateTenantPayload {
  @Field(() => Tenant, { description: "The tenant as it is now." })
  tenant!: Tenant;
}

@InputType({ description: "Changes a tenant; what is left out stays." })
export class UpdateTenantInput {
  @Field(() => ID, { nullable: true, description: "Your own tenant when left out; any other one needs platform.update." })
  tenantId?: string | null;

  @Field(() => String, { nullable: true, description: "New name; 1 to 200 characters." })
  name?: string | null;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@InputType({ description: "What `deactivateTenant` takes." })
export class DeactivateTenantInput {
  @Field(() => ID, { nullable: true, description: "Your own tenant when left out; any other one needs platform.update." })
  tenantId?: string | null;

  @Field(() => String, { description: "Why; 1 to 2000 characters. It stands in the audit log." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `deactivateTenant` answers." })
@Allow(inherit)
export class DeactivateTenantPayload {
  @Field(() => Tenant, { description: "The tenant as it is now." })
  tenant!: Tenant;
}

@ObjectType({ description: "What `updateTenant` answers." })
@Allow(inherit)
export class UpdateTenantPayload {
  @Field(() => Tenant, { description: "The tenant as it is now." })
  tenant!: Tenant;
}

@InputType({ description: "What `reactivateTenant` takes." })
export class ReactivateTenantInput {
  @Field(() => ID, { description: "The tenant." })
  tenantId!: string;

  @Field(() => String, { description: "Why; 1 to 2000 characters. It stands in the audit logs." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `reactivateTenant` answers." })
@Allow(inherit)
export class ReactivateTenantPayload {
  @Field(() => Tenant, { description: "The tenant as it is now." })
  tenant!: Tenant;
}

@InputType({ description: "What `archiveTenant` takes." })
export class ArchiveTenantInput {
  @Field(() => ID, { description: "The tenant." })
  tenantId!: string;

  @Field(() => String, { description: "Why; 1 to 2000 characters. It stands in the audit logs." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `archiveTenant` answers." })
@Allow(inherit)
export class ArchiveTenantPayload {
  @Field(() => Tenant, { description: "The tenant as it is now." })
  tenant!: Tenant;
}

@InputType({ description: "What `restoreTenant` takes." })
export class RestoreTenantInput {
  @Field(() => ID, { description: "The tenant." })
  tenantId!: string;

  @Field(() => String, { description: "Why; 1 to 2000 characters. It stands in the audit logs." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `restoreTenant` answers." })
@Allow(inherit)
export class RestoreTenantPayload {
  @Field(() => Tenant, { description: "The tenant as it is now." })
  tenant!: Tenant;
}

@InputType({ description: "What `setTenantPlan` takes." })
export class SetTenantPlanInput {
  @Field(() => ID, { description: "The tenant." })
  tenantId!: string;

  @Field(() => Plan, { description: "The new plan. Its limits count at once; what is above them stays." })
  plan!: Plan;

  @Field(() => String, { description: "Why; 1 to 2000 characters. It stands in the audit logs." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `setTenantPlan` answers." })
@Allow(inherit)
export class SetTenantPlanPayload {
  @Field(() => Tenant, { description: "The tenant as it is now." })
  tenant!: Tenant;
}
