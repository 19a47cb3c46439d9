import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { ProjectBaseline } from "./baseline.type.js";

@ObjectType({ description: "Payload of a mutation that returns a project baseline." })
@Allow(inherit)
export class ProjectBaselinePayload {
  @Field(() => ProjectBaseline, { description: "The project baseline as it is after the call." })
  baseline!: ProjectBaseline;
}
