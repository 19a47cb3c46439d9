import { ConnectionArgs, connectionOf } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { TenantFilter, TenantOrder } from "./tenant.filter.js";
import { Plan, Tenant } from "./tenant.type.js";

export const { Connection: TenantConnection } = connectionOf(Tenant);

@ArgsType()
export class TenantsArgs extends ConnectionArgs {
  @Field(() => TenantFilter.Input, { nullable: true, description: "Filter for tenants." })
  filter?: FilterValue | null;

  @Field(() => TenantOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "The first user of a new tenant and its administrator." })
export class TenantAdminInput {
  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { description: "Email address, for logins." })
  email!: string;

  @Field(() => String, {
    nullable: true,
    description: "User name for logins, as an alternative to the email address. Default: the part before the @.",
  })
  username?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Password (at most 256 characters). If omitted (recommended), the user is invited by email and chooses one.",
  })
  password?: string | null;
}

@InputType({ description: "A new tenant." })
export class CreateTenantInput {
  @Field(() => String, { description: "Slug, unique in the installation: the `tenant` of a login." })
  slug!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => Plan, { defaultValue: Plan.FREE, description: "Plan of the tenant." })
  plan!: Plan;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Whether it is a sandbox: `advanceClock` advances its clock. Cannot be changed later.",
  })
  isSandbox!: boolean;

  @Field(() => TenantAdminInput, { description: "The first user." })
  admin!: TenantAdminInput;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same tenant.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Changes of a tenant. Omitted fields keep their values." })
export class UpdateTenantInput {
  @Field(() => ID, { nullable: true, description: "Tenant (default: your own). Other tenants require platform.update." })
  tenantId?: string | null;

  @Field(() => String, { nullable: true, description: "New name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `deactivateTenant`." })
export class DeactivateTenantInput {
  @Field(() => ID, { nullable: true, description: "Tenant (default: your own). Other tenants require platform.update." })
  tenantId?: string | null;

  @Field(() => String, { description: "Reason (1 to 2000 characters). Recorded in the audit log." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "Input for archiving, restoring and reactivating an organization." })
export class TenantStatusInput {
  @Field(() => ID, { description: "The tenant." })
  tenantId!: string;

  @Field(() => String, { description: "Reason (1 to 2000 characters). Recorded in the audit log." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `setTenantPlan`." })
export class SetTenantPlanInput {
  @Field(() => ID, { description: "The tenant." })
  tenantId!: string;

  @Field(() => Plan, { description: "New plan. Its limits take effect immediately; what already exceeds them is kept." })
  plan!: Plan;

  @Field(() => String, { description: "Reason (1 to 2000 characters). Recorded in the audit log." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
