import { JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int } from "type-graphql";
import { Environment } from "../definitions/life-cycle/environment.type.js";

@InputType({ description: "The workflow to start." })
export class StartWorkflowInput {
  @Field(() => String, {
    description:
      "Key of the definition, for example `purchase-approval`: words of lower-case letters and digits, joined by hyphens. The newest published version is started.",
  })
  definitionKey!: string;

  @Field(() => Environment, {
    nullable: true,
    description: "Environment to run in (default PROD). The newest version in use there is started.",
  })
  environment?: Environment | null;

  @Field(() => JsonScalar, { nullable: true, description: "Data according to the definition's schema (default: an empty object)." })
  data?: unknown;

  @Field(() => ID, { nullable: true, description: "ID of the team that the instance belongs to." })
  teamId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "ID of the business object that the workflow is about: an asset, a building, a project, a vendor or a contract that you can read. It becomes the `subject` of the instance.",
  })
  subjectId?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The transition to fire, and its instance." })
export class FireTransitionInput {
  @Field(() => ID, { description: "ID of the instance (`wfi_…`)." })
  instanceId!: string;

  @Field(() => String, { description: "Name of the transition. See `availableTransitions`." })
  transition!: string;

  @Field(() => String, { nullable: true, description: "Comment. Some transitions require one. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values for the transition's input schema." })
  input?: unknown;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The instance to cancel." })
export class CancelWorkflowInput {
  @Field(() => ID, { description: "ID of the instance (`wfi_…`)." })
  instanceId!: string;

  @Field(() => String, { nullable: true, description: "Reason. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
