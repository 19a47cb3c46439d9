import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Tenant } from "./tenant.type.js";

@ObjectType({ description: "Payload of a mutation that returns a tenant." })
@Allow(inherit)
export class TenantPayload {
  @Field(() => Tenant, { description: "The tenant as it is after the call." })
  tenant!: Tenant;
}
