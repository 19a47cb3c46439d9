import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { MaintenancePlan } from "./plan.type.js";

@ObjectType({ description: "Payload of a mutation that returns a maintenance plan." })
@Allow(inherit)
export class MaintenancePlanPayload {
  @Field(() => MaintenancePlan, { description: "The maintenance plan as it is after the call." })
  plan!: MaintenancePlan;
}
