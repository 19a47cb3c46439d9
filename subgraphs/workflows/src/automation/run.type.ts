import { automation } from "@weft/drizzle";
import type { SecurityProfile } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { allOf, Allow, can, canInTenant, staff } from "@weft/api/rules";
import { RunSecurityProfile, toRules } from "../security-profiles/security-profile.type.js";
import { Directive, Field, ObjectType, registerEnumType } from "type-graphql";
import { RunUsage, usageOfRow, usageOfStep } from "./usage/usage.type.js";
import * as commonColumns from "../common-columns.js";

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

const runStepColumns = columns({
  id: column.id("ID (`rst_…`)."),
  step: column.text("ID of the step in the definition."),
  index: column.int("Index of the item, from 0. Null for the step itself.", { nullable: true }),
  isParked: column.flag(
    "Whether it waits until somebody resolves the incident of its instance, because it has lost its worker too often, a key for its secrets is missing, or it could not be undone.",
  ),
  usage: column.of(() => RunUsage, "What its last attempt has used."),
  status: column.of(() => RunStepStatus, "Status."),
  attempts: column.int("Number of attempts that have begun."),
  outputs: column.json("Outputs. Null until it has succeeded.", { nullable: true }),
  error: column.of(() => RunStepError, "Why it, or its last attempt, has failed. Null if it has not.", { nullable: true }),
  startedAt: column.time("Time when its first attempt began. Null if none has.", { nullable: true }),
  finishedAt: column.time("Time when it ended. Null while it has not.", { nullable: true }),
});

@ShowColumns(runStepColumns)
@ObjectType({ description: "A step of a run, or the work for one item of its list." })
@Allow(allOf(staff, can("workflow.read")))
export class RunStep extends shapeOf(runStepColumns) {
  /** The row, for the field resolvers; not a field. */
  readonly row!: RunStepRow;
}

const runColumns = columns({
  id: column.id("ID (`run_…`)."),
  ...commonColumns.nodeKey,
  state: column.text("State whose steps it runs."),
  status: column.of(() => RunStatus, "Status."),
  definitionKey: column.text("Key of the definition."),
  outputs: column.json("Outputs. Null until it has succeeded.", { nullable: true }),
  usage: column.of(() => RunUsage, "What its attempts have used."),
  attempts: column.int("Number of attempts of its steps that have begun."),
  logLineCount: column.int("Number of lines of its log."),
  ...commonColumns.version,
  createdAt: column.time("Creation time."),
  startedAt: column.time("Time when its first step was ready. Null before that.", { nullable: true }),
  durationMs: column.int("Milliseconds from `startedAt` to `finishedAt`. Null while it has not ended.", { nullable: true }),
  finishedAt: column.time("Time when it ended. Null while it has not.", { nullable: true }),
  profile: column.of(
    () => RunSecurityProfile,
    "Security profile with which it has begun. Later changes of profiles do not affect it. Null until it has begun.",
    { nullable: true, decorators: [Allow(canInTenant("securityProfile.read"))] },
  ),
});

@ShowColumns(runColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "One run of the steps of a state." })
@Allow(allOf(staff, can("workflow.read")))
export class Run extends shapeOf(runColumns) {
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
