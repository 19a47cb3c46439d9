import { JsonScalar } from "@weft/api/scalars";
import { Field, InputType, Int } from "type-graphql";
import { RunLogStream } from "../logs/log.type.js";

const leaseDescription = "Lease of the step, from `takeSteps`.";
const leaseSecondsDescription =
  "Seconds from now until another worker gets the step, unless the lease is extended. From 2 to 3,600. If omitted: as for workers of Weft, usually 30.";

const tasksDescription = "Tasks that the worker can do, as steps of the type `worker` name them. At most 50.";

@InputType({ description: "Input of `takeSteps`." })
export class TakeStepsInput {
  @Field(() => [String], { description: tasksDescription })
  tasks!: string[];

  @Field(() => Int, { nullable: true, description: "Maximum number of steps, from 1 to 100. If omitted: 1." })
  max?: number | null;

  @Field(() => Int, { nullable: true, description: leaseSecondsDescription })
  leaseSeconds?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Maximum time to wait until there is a step, in seconds, from 0 to 60. The server can answer earlier, without steps. If omitted: 0.",
  })
  waitSeconds?: number | null;
}

@InputType({ description: "Input of `extendStepLeases`." })
export class ExtendStepLeasesInput {
  @Field(() => [String], { description: "Leases, from `takeSteps`. At most 500." })
  leases!: string[];

  @Field(() => Int, { nullable: true, description: leaseSecondsDescription })
  leaseSeconds?: number | null;
}

@InputType({ description: "Outputs of a step that has succeeded." })
export class CompleteStepInput {
  @Field(() => String, { description: leaseDescription })
  lease!: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Outputs, which must be an object. Expressions of later steps read them. If omitted: none. Those of a compensation are not kept.",
  })
  outputs?: unknown;
}

@InputType({ description: "Which of the steps that follow in the same runs the worker takes." })
export class NextStepsInput {
  @Field(() => [String], { description: tasksDescription })
  tasks!: string[];

  @Field(() => Int, { nullable: true, description: "Maximum number of steps, from 1 to 100. If omitted: 1." })
  max?: number | null;

  @Field(() => Int, { nullable: true, description: leaseSecondsDescription })
  leaseSeconds?: number | null;
}

@InputType({ description: "Input of `completeSteps`." })
export class CompleteStepsInput {
  @Field(() => [CompleteStepInput], { description: "The steps, at most 100." })
  steps!: CompleteStepInput[];

  @Field(() => NextStepsInput, {
    nullable: true,
    description:
      "Also takes steps of the same runs that can begin now, which saves a call of `takeSteps`. None is taken from a queue, or while another step of these tasks has waited for more than ten seconds. If omitted: none.",
  })
  next?: NextStepsInput | null;
}

@InputType({ description: "Input of `failStep`." })
export class FailStepInput {
  @Field(() => String, { description: leaseDescription })
  lease!: string;

  @Field(() => String, {
    description: "Code of the error, such as `CARD_DECLINED`. `retry.on` of the step, and expressions, can use it. At most 64 characters.",
  })
  code!: string;

  @Field(() => String, { description: "What is wrong, in a sentence. At most 2,000 characters are kept." })
  message!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether another attempt can succeed. The step's `retry` decides whether there is one. If omitted: true.",
  })
  isRetryable?: boolean | null;
}

@InputType({ description: "Input of `releaseSteps`." })
export class ReleaseStepsInput {
  @Field(() => [String], { description: "Leases, from `takeSteps`. At most 100." })
  leases!: string[];
}

@InputType({ description: "A line for the log of a run." })
export class StepLogLineInput {
  @Field(() => String, { description: "Text. Lines are cut off after 4,000 characters." })
  text!: string;

  @Field(() => RunLogStream, { nullable: true, description: "Stream, `STDOUT` or `STDERR`. If omitted: `STDOUT`." })
  stream?: RunLogStream | null;
}

@InputType({ description: "Input of `appendStepLog`." })
export class AppendStepLogInput {
  @Field(() => String, { description: leaseDescription })
  lease!: string;

  @Field(() => [StepLogLineInput], { description: "The lines, at most 1,000." })
  lines!: StepLogLineInput[];

  @Field(() => Int, {
    nullable: true,
    description:
      "Number of lines that the worker has sent before with this lease. Lines that were recorded already are not recorded again, so the call can be repeated. At most 1,000,000,000. If omitted, all lines are added.",
  })
  offset?: number | null;
}
