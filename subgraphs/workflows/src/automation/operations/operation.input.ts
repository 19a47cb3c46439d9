import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "The run to cancel." })
export class CancelRunInput extends KeyedVersionedIdInput {
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
