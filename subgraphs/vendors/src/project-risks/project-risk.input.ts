import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ProjectRisk } from "./project-risk.type.js";

@InputType({ description: "Input of `closeProjectRisk`." })
export class CloseProjectRiskInput {
  @Field(() => ID, { description: "The risk." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { defaultValue: "", description: "How it ended (at most 2000 characters)." })
  outcome!: string;
}

@ObjectType({ description: "Payload of the mutations that create or change a risk." })
@Allow(inherit)
export class ProjectRiskPayload {
  @Field(() => ProjectRisk, { description: "The risk." })
  risk!: ProjectRisk;
}
