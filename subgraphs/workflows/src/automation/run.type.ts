import { automation } from "@weft/drizzle";
import { Allow, DateTimeScalar, JsonScalar, can, encodeId } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";

const { runs, runSteps } = automation;
export type RunRow = typeof runs.$inferSelect;
export type RunStepRow = typeof runSteps.$inferSelect;

export enum RunStatus {
  RUNNING = "RUNNING",
  PAUSED = "PAUSED",
  STOPPING = "STOPPING",
  COMPENSATING = "COMPENSATING",
  SUCCEEDED = "SUCCEEDED",
  FAILED = "FAILED",
  CANCELED = "CANCELED",
}
registerEnumType(RunStatus, {
  name: "RunStatus",
  description: "Statuses of a run.",
  valuesConfig: {
    RUNNING: { description: "Its steps are being done." },
    PAUSED: { description: "No step begins until it is resumed." },
    STOPPING: { description: "No further step begins. Steps at work are told to stop." },
    COMPENSATING: { description: "It has failed, and what it did is being undone." },
    SUCCEEDED: { description: "It has succeeded." },
    FAILED: { description: "It has failed." },
    CANCELED: { description: "It was canceled, or its state was left." },
  },
});

export enum RunStepStatus {
  PENDING = "PENDING",
  READY = "READY",
  RUNNING = "RUNNING",
  WAITING = "WAITING",
  SUCCEEDED = "SUCCEEDED",
  FAILED = "FAILED",
  SKIPPED = "SKIPPED",
  CANCELED = "CANCELED",
}
registerEnumType(RunStepStatus, {
  name: "RunStepStatus",
  description: "Statuses of a step of a run.",
  valuesConfig: {
    PENDING: { description: "It waits for other steps." },
    READY: { description: "A worker can begin it, perhaps after a delay." },
    RUNNING: { description: "A worker is doing it." },
    WAITING: { description: "It waits for a time, a person, an event, another run, or its items. No worker is occupied." },
    SUCCEEDED: { description: "It has succeeded." },
    FAILED: { description: "It has failed." },
    SKIPPED: { description: "Its condition did not hold, or a step that it depends on was skipped." },
    CANCELED: { description: "The run stopped before it had ended." },
  },
});

@ObjectType({ description: "Why a step has failed." })
@Allow(can("workflow.read"))
export class RunStepError {
  @Field(() => String, { description: "Code, such as `TIMEOUT`. `retry.on` of a step can name it." })
  code!: string;

  @Field(() => String, { description: "Message." })
  message!: string;
}

@ObjectType({ description: "A step of a run, or the work for one item of its list." })
@Allow(can("workflow.read"))
export class RunStep {
  @Field(() => ID, { description: "ID (`rst_…`)." })
  id!: string;

  @Field(() => String, { description: "ID of the step in the definition." })
  step!: string;

  @Field(() => Int, { nullable: true, description: "Index of the item, from 0. Null for the step itself." })
  index!: number | null;

  @Field(() => RunStepStatus, { description: "Status." })
  status!: RunStepStatus;

  @Field(() => Int, { description: "Number of attempts that have begun." })
  attempts!: number;

  @Field(() => JsonScalar, { nullable: true, description: "Outputs. Null until it has succeeded." })
  outputs!: unknown;

  @Field(() => RunStepError, { nullable: true, description: "Why it, or its last attempt, has failed. Null if it has not." })
  error!: RunStepError | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when its first attempt began. Null if none has." })
  startedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when it ended. Null while it has not." })
  finishedAt!: string | null;
}

@ObjectType({ description: "One run of the steps of a state." })
@Allow(can("workflow.read"))
export class Run {
  @Field(() => ID, { description: "ID (`run_…`)." })
  id!: string;

  @Field(() => String, { description: "State whose steps it runs." })
  state!: string;

  @Field(() => RunStatus, { description: "Status." })
  status!: RunStatus;

  @Field(() => JsonScalar, { nullable: true, description: "Outputs. Null until it has succeeded." })
  outputs!: unknown;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when it ended. Null while it has not." })
  finishedAt!: string | null;

  /** UUID, for the field resolver; not a field. */
  readonly uuid!: string;
  /** The row, for the field resolvers; not a field. */
  readonly row!: RunRow;
}

export const toRun = (row: RunRow): Run => ({
  id: encodeId("run", row.id),
  state: row.state,
  status: row.status as RunStatus,
  outputs: row.outputs,
  createdAt: row.createdAt,
  finishedAt: row.finishedAt,
  uuid: row.id,
  row,
});

export function toRunStep(row: RunStepRow): RunStep {
  const item = row.item as { readonly of: string; readonly index: number } | null;
  const error = row.error as { readonly code: string; readonly message: string } | null;
  return {
    id: encodeId("runStep", row.id),
    step: item?.of ?? row.step,
    index: item?.index ?? null,
    status: row.status as RunStepStatus,
    attempts: row.attempt,
    outputs: row.outputs,
    error: error && { code: error.code, message: error.message },
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
  };
}
