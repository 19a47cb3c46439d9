import { Allow, inherit } from "@weft/shared";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { Tenant } from "./tenant.type.js";

@InputType({ description: "Changes the viewer's own tenant; what is left out stays." })
export class UpdateTenantInput {
  @Field(() => String, { nullable: true, description: "New name; 1 to 200 characters." })
  name?: string | null;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@InputType({ description: "What `deactivateTenant` takes." })
export class DeactivateTenantInput {
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
