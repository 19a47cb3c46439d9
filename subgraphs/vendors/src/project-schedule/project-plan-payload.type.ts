import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { ProjectPlan } from "./project-plan.type.js";

@ObjectType({ description: "Payload of a mutation that returns a project plan." })
@Allow(inherit)
export class ProjectPlanPayload {
  @Field(() => ProjectPlan, { description: "The project plan as it is after the call." })
  plan!: ProjectPlan;
}
