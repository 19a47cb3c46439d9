import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ProjectDecision } from "./project-decision.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `createProjectDecision`." })
export class CreateProjectDecisionInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => String, { description: "What the decision is about (1 to 200 characters)." })
  title!: string;

  @Field(() => String, { description: "What was decided (1 to 4000 characters)." })
  decision!: string;

  @Field(() => String, { defaultValue: "", description: "Why (at most 4000 characters)." })
  reason!: string;

  @Field(() => String, { description: "Day of the decision, as `YYYY-MM-DD`." })
  decidedOn!: string;

  @Field(() => ID, { nullable: true, description: "User of the organization who decided (default: you)." })
  decidedById?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateProjectDecision`. Omitted fields keep their values." })
export class UpdateProjectDecisionInput {
  @Field(() => ID, { description: "The decision." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New title." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "Corrected decision." })
  decision?: string | null;

  @Field(() => String, { nullable: true, description: "New reason." })
  reason?: string | null;

  @Field(() => String, { nullable: true, description: "Corrected day." })
  decidedOn?: string | null;

  @Field(() => ID, { nullable: true, description: "User who decided." })
  decidedById?: string | null;
}

@InputType({ description: "Input of `closeProjectDecision`." })
export class CloseProjectDecisionInput {
  @Field(() => ID, { description: "The decision." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
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
