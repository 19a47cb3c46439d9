import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ProjectRisk } from "./project-risk.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `createProjectRisk`." })
export class CreateProjectRiskInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => String, { description: "Title (1 to 200 characters)." })
  title!: string;

  @Field(() => Int, { description: "How probable it is, from 1 (very low) to 5 (very high)." })
  probability!: number;

  @Field(() => Int, { description: "How much it would harm the project, from 1 (very low) to 5 (very high)." })
  impact!: number;

  @Field(() => String, { defaultValue: "", description: "What is done against it (at most 4000 characters)." })
  mitigation!: string;

  @Field(() => ID, { nullable: true, description: "User of the organization who watches it." })
  ownerId?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateProjectRisk`. Omitted fields keep their values." })
export class UpdateProjectRiskInput {
  @Field(() => ID, { description: "The risk." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New title." })
  title?: string | null;

  @Field(() => Int, { nullable: true, description: "New probability." })
  probability?: number | null;

  @Field(() => Int, { nullable: true, description: "New impact." })
  impact?: number | null;

  @Field(() => String, { nullable: true, description: "What is done against it from now on." })
  mitigation?: string | null;

  @Field(() => ID, { nullable: true, description: "User who watches it from now on. Null: nobody." })
  ownerId?: string | null;
}

@InputType({ description: "Input of `closeProjectRisk`." })
export class CloseProjectRiskInput {
  @Field(() => ID, { description: "The risk." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
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
