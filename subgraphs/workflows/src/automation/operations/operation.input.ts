import { Allow, inherit, JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Run } from "../run.type.js";

@InputType({ description: "The run to pause." })
export class PauseRunInput {
  @Field(() => ID, { description: "ID of the run (`run_…`)." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the run that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The run to resume." })
export class ResumeRunInput extends PauseRunInput {}

@InputType({ description: "The run to cancel." })
export class CancelRunInput extends PauseRunInput {
  @Field(() => String, { nullable: true, description: "Reason. At most 10,000 characters." })
  comment?: string | null;
}

@InputType({ description: "The run of an automation to run again." })
export class RerunWorkflowInput {
  @Field(() => ID, { description: "ID of the run (`run_…`)." })
  runId!: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Inputs that replace those of the run. The others stay. Null as a value removes an input, so that its default applies. Secret inputs are not kept after the end of a run: give each again, or null.",
  })
  inputs?: unknown;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The run to continue, and the step to begin with." })
export class RetryFromStepInput extends RerunWorkflowInput {
  @Field(() => String, {
    nullable: true,
    description:
      "ID of the step to begin with. If omitted, the steps without a usable result are done: those that failed or were canceled, and all that depend on them.",
  })
  step?: string | null;
}

@ObjectType({ description: "The paused run." })
@Allow(inherit)
export class PauseRunPayload {
  @Field(() => Run, { description: "The run." })
  run!: Run;
}

@ObjectType({ description: "The resumed run." })
@Allow(inherit)
export class ResumeRunPayload {
  @Field(() => Run, { description: "The run." })
  run!: Run;
}

@ObjectType({ description: "The canceled run." })
@Allow(inherit)
export class CancelRunPayload {
  @Field(() => Run, { description: "The run. It is `STOPPING` while steps at work are told to stop." })
  run!: Run;
}

@ObjectType({ description: "The new run of the automation." })
@Allow(inherit)
export class RerunWorkflowPayload {
  @Field(() => Run, { description: "The new run, with an instance of its own." })
  run!: Run;
}

@ObjectType({ description: "The run that continues the other one." })
@Allow(inherit)
export class RetryFromStepPayload {
  @Field(() => Run, { description: "The new run." })
  run!: Run;
}
