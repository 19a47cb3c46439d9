import { automation } from "@weft/drizzle";
import type { SecurityProfile } from "@weft/engine";
import { allOf, staff, Allow, DateTimeScalar, JsonScalar, can, canInTenant, connectionOf, encodeId, payloadOf } from "@weft/shared";
import { RunSecurityProfile, toRules } from "../security-profiles/security-profile.type.js";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { RunUsage, usageOfRow, usageOfStep } from "./usage/usage.type.js";

const { runs, runSteps } = automation;
/** With columns of its instance. */
export type RunRow = typeof runs.$inferSelect & {
  readonly subjectType: string | null;
  readonly definitionKey: string;
  readonly ownerId: string;
};
export type RunStepRow = typeof runSteps.$inferSelect;

export enum RunStatus {
  RUNNING = "RUNNING",
  PAUSED = "PAUSED",
  STOPPING = "STOPPING",
  COMPENSATING = "COMPENSATING",
  SUCCEEDED = "SUCCEEDED",
  FAILED = "FAILED",
  CANCELLED = "CANCELLED",
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
    CANCELLED: { description: "It was canceled, or its state was left." },
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
  CANCELLED = "CANCELLED",
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
    CANCELLED: { description: "The run stopped before it had ended." },
  },
});

@ObjectType({ description: "Why a step has failed." })
@Allow(allOf(staff, can("workflow.read")))
export class RunStepError {
  @Field(() => String, { description: "Code, such as `TIMEOUT`. `retry.on` of a step can name it." })
  code!: string;

  @Field(() => String, { description: "Message." })
  message!: string;
}

@ObjectType({ description: "A step of a run, or the work for one item of its list." })
@Allow(allOf(staff, can("workflow.read")))
export class RunStep {
  @Field(() => ID, { description: "ID (`rst_…`)." })
  id!: string;

  @Field(() => String, { description: "ID of the step in the definition." })
  step!: string;

  @Field(() => Int, { nullable: true, description: "Index of the item, from 0. Null for the step itself." })
  index!: number | null;

  @Field(() => Boolean, {
    description:
      "Whether it waits until somebody resolves the incident of its instance, because it has lost its worker too often, a key for its secrets is missing, or it could not be undone.",
  })
  isParked!: boolean;

  @Field(() => RunUsage, { description: "What its last attempt has used." })
  usage!: RunUsage;

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

  /** The row, for the field resolvers; not a field. */
  readonly row!: RunStepRow;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "One run of the steps of a state." })
@Allow(allOf(staff, can("workflow.read")))
export class Run {
  @Field(() => ID, { description: "ID (`run_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => String, { description: "State whose steps it runs." })
  state!: string;

  @Field(() => RunStatus, { description: "Status." })
  status!: RunStatus;

  @Field(() => String, { description: "Key of the definition." })
  definitionKey!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Outputs. Null until it has succeeded." })
  outputs!: unknown;

  @Field(() => RunUsage, { description: "What its attempts have used." })
  usage!: RunUsage;

  @Field(() => Int, { description: "Number of attempts of its steps that have begun." })
  attempts!: number;

  @Field(() => Int, { description: "Number of lines of its log." })
  logLineCount!: number;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when its first step was ready. Null before that." })
  startedAt!: string | null;

  @Field(() => Int, { nullable: true, description: "Milliseconds from `startedAt` to `finishedAt`. Null while it has not ended." })
  durationMs!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when it ended. Null while it has not." })
  finishedAt!: string | null;

  @Field(() => RunSecurityProfile, {
    nullable: true,
    description: "Security profile with which it has begun. Later changes of profiles do not affect it. Null until it has begun.",
  })
  @Allow(canInTenant("securityProfile.read"))
  profile!: RunSecurityProfile | null;

  /** UUID, for the field resolver; not a field. */
  readonly uuid!: string;
  /** The row, for the field resolvers; not a field. */
  readonly row!: RunRow;
}

export const { Connection: RunConnection } = connectionOf(Run);
const toRunProfile = (profile: SecurityProfile): RunSecurityProfile => ({ key: profile.key, rules: toRules(profile) });

export const toRun = (row: RunRow): Run => ({
  id: encodeId("run", row.id),
  nodeKey: encodeId("run", row.id),
  state: row.state,
  status: row.status as RunStatus,
  definitionKey: row.definitionKey,
  outputs: row.outputs,
  usage: usageOfRow(row),
  attempts: row.attempts,
  logLineCount: row.logLines,
  version: row.version,
  createdAt: row.createdAt,
  startedAt: row.beganAt,
  durationMs: row.beganAt && row.finishedAt ? Math.max(0, Math.round(Date.parse(row.finishedAt) - Date.parse(row.beganAt))) : null,
  finishedAt: row.finishedAt,
  profile: row.profile === null ? null : toRunProfile(row.profile as SecurityProfile),
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
    isParked: row.isParked,
    usage: usageOfStep(row.usage),
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    row,
  };
}

export const RunPayload = payloadOf(Run, "run");
export type RunPayload = InstanceType<typeof RunPayload>;
