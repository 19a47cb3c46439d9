import { allOf, Allow, canInTenant, staff } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";

export enum StepLeaseEnd {
  REPORTED = "REPORTED",
  TIMEOUT = "TIMEOUT",
  CANCELLED = "CANCELLED",
  LOST = "LOST",
}
registerEnumType(StepLeaseEnd, {
  name: "StepLeaseEnd",
  description: "Why a worker must stop its work on a step.",
  valuesConfig: {
    REPORTED: { description: "Its result was recorded." },
    TIMEOUT: { description: "The attempt has taken longer than the step's `timeout`." },
    CANCELLED: { description: "The run stops. Release the step." },
    LOST: { description: "The lease was over, or is not one of yours. Another worker can have the step." },
  },
});

export enum StepReportStatus {
  SUCCEEDED = "SUCCEEDED",
  FAILED = "FAILED",
  RELEASED = "RELEASED",
  STALE = "STALE",
}
registerEnumType(StepReportStatus, {
  name: "StepReportStatus",
  description: "What was recorded of a report about a step.",
  valuesConfig: {
    SUCCEEDED: { description: "The attempt has succeeded." },
    FAILED: { description: "The attempt has failed. The step's `retry` decides whether another one follows." },
    RELEASED: { description: "The step was given back. Another worker can take it." },
    STALE: {
      description:
        "Nothing was recorded, because the lease is over: the run has stopped, or the step belongs to another worker. The error is CONFLICT.",
    },
  },
});

const forWorkers = allOf(staff, canInTenant("step.take"));

@ObjectType({ description: "A step that an external worker has taken." })
@Allow(forWorkers)
export class LeasedStep {
  @Field(() => String, { description: "Lease. Reports about the step must contain it. Only your account can use it." })
  lease!: string;

  @Field(() => DateTimeScalar, { description: "Time at which another worker gets the step, unless the lease is extended." })
  expiresAt!: string;

  @Field(() => Int, { description: "Seconds that the attempt can take: the step's `timeout`." })
  timeoutSeconds!: number;

  @Field(() => ID, { description: "ID of the run (`run_…`)." })
  runId!: string;

  @Field(() => ID, { description: "ID of the workflow instance (`wfi_…`)." })
  instanceId!: string;

  @Field(() => String, { description: "ID of the step, with the index of the item in brackets." })
  step!: string;

  @Field(() => String, { description: "Task that the worker has asked for." })
  task!: string;

  @Field(() => JsonScalar, { description: "Values of the step's `input`." })
  input!: Record<string, unknown>;

  @Field(() => Int, { description: "Number of the attempt, from 1." })
  attempt!: number;

  @Field(() => String, {
    description: "Key that is the same in all attempts at the step. Pass it on to systems that you call, so that nothing is done twice.",
  })
  idempotencyKey!: string;

  @Field(() => Boolean, { description: "Whether the work undoes a step: it is written in a `compensate`." })
  isCompensation!: boolean;
}

@ObjectType({ description: "Payload of `takeSteps`." })
@Allow(forWorkers)
export class TakeStepsPayload {
  @Field(() => [LeasedStep], { description: "Steps that were taken. Empty if there were none in time." })
  steps!: LeasedStep[];

  @Field(() => Int, {
    description:
      "Milliseconds after which to ask again. 0 if the server has waited, or more steps may be there. More if it could not wait, because other calls of the organization do.",
  })
  pollAfterMs!: number;
}

@ObjectType({ description: "A lease after `extendStepLeases`." })
@Allow(forWorkers)
export class StepLease {
  @Field(() => String, { description: "Lease of the step." })
  lease!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the lease is over. Null: it is over already." })
  expiresAt!: string | null;

  @Field(() => StepLeaseEnd, { nullable: true, description: "Why the worker must stop. Null: it can continue." })
  end!: StepLeaseEnd | null;
}

@ObjectType({ description: "Payload of `extendStepLeases`." })
@Allow(forWorkers)
export class ExtendStepLeasesPayload {
  @Field(() => [StepLease], { description: "The leases, in the order of the input." })
  leases!: StepLease[];
}

@ObjectType({ description: "What has become of a report about a step." })
@Allow(forWorkers)
export class StepReport {
  @Field(() => String, { description: "Lease of the step." })
  lease!: string;

  @Field(() => StepReportStatus, {
    description: "What was recorded: now, or when the result was first reported.",
  })
  status!: StepReportStatus;
}

@ObjectType({ description: "Payload of a mutation that reports the result of one step." })
@Allow(forWorkers)
export class StepReportPayload {
  @Field(() => StepReport, { description: "The report. Its status is never `STALE`." })
  report!: StepReport;
}

@ObjectType({ description: "Payload of a mutation that reports the results of several steps." })
@Allow(forWorkers)
export class StepReportsPayload {
  @Field(() => [StepReport], { description: "The reports, in the order of the input." })
  reports!: StepReport[];
}

@ObjectType({ description: "Payload of `completeSteps`." })
@Allow(forWorkers)
export class CompleteStepsPayload extends StepReportsPayload {
  @Field(() => [LeasedStep], { description: "Steps that were taken because of `next`." })
  steps!: LeasedStep[];
}

@ObjectType({ description: "Payload of `appendStepLog`." })
@Allow(forWorkers)
export class AppendStepLogPayload {
  @Field(() => Int, { description: "Number of lines that were sent with this lease. Pass it as the next `offset`." })
  lines!: number;
}
