import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ProjectDecision } from "./project-decision.type.js";

@InputType({ description: "Input of `closeProjectDecision`." })
export class CloseProjectDecisionInput {
  @Field(() => ID, { description: "The decision." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { defaultValue: "", description: "Why it no longer applies (at most 2000 characters)." })
  outcome!: string;
}

@ObjectType({ description: "Payload of the mutations that create or change a decision." })
@Allow(inherit)
export class ProjectDecisionPayload {
  @Field(() => ProjectDecision, { description: "The decision." })
  decision!: ProjectDecision;
}
