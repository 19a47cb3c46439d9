import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { isoOf, MissedRunPolicy, type Occurrence, spanOf } from "@weft/api/timing";
import { Directive, Field, ObjectType, registerEnumType } from "type-graphql";
import { Environment } from "../definitions/life-cycle/environment.type.js";
import { Team, User } from "../principals/principal.type.js";
import type { ScheduleRow } from "./schedule.store.js";
import type { Overlap } from "./timing/overlap.js";
import * as commonColumns from "../common-columns.js";

export enum ScheduleStatus {
  ACTIVE = "ACTIVE",
  PAUSED = "PAUSED",
  ENDED = "ENDED",
}
registerEnumType(ScheduleStatus, {
  name: "ScheduleStatus",
  description: "Status of a schedule.",
  valuesConfig: {
    ACTIVE: { description: "Runs start at the planned times." },
    PAUSED: { description: "No planned run starts until the schedule is resumed." },
    ENDED: { description: "No further runs are planned." },
  },
});

export enum OverlapPolicy {
  ALLOW = "ALLOW",
  SKIP = "SKIP",
  QUEUE = "QUEUE",
  CANCEL_OLD = "CANCEL_OLD",
}
registerEnumType(OverlapPolicy, {
  name: "OverlapPolicy",
  description: "What happens when a run is due and the workflow of an earlier run has not ended.",
  valuesConfig: {
    ALLOW: { description: "The run starts. Both workflows run at the same time." },
    SKIP: { description: "The run is skipped." },
    QUEUE: { description: "The run waits until the earlier ones have ended. If the queue is full, it is skipped." },
    CANCEL_OLD: { description: "The earlier workflow is cancelled, and the run starts. The owner must be allowed to cancel it." },
  } satisfies Record<Overlap, { description: string }>,
});

@ObjectType({ description: "A planned run." })
@Allow(inherit)
export class PlannedRun {
  @Field(() => DateTimeScalar, { description: "Planned time." })
  plannedAt!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the run starts: the planned time plus jitter." })
  startsAt!: string;
}

export const toPlannedRun = ({ plannedAt, startsAt }: Occurrence): PlannedRun => ({
  plannedAt: isoOf(plannedAt),
  startsAt: isoOf(startsAt),
});

const timing = {
  cron: column.text("Cron expression.", {
    created:
      "Cron expression: minute, hour, day of month, month, day of week, optionally with a second first. Names, ranges, lists, steps, `L`, `W` and `#` are supported.",
    nullable: true,
  }),
  every: column.text("Interval between runs, in ISO 8601.", {
    created: "Interval in ISO 8601, such as PT15M, counted from the start. At least PT1M.",
    nullable: true,
  }),
  runAt: column.time("Time of a single run.", { shown: "Time of the only run.", nullable: true }),
  timeZone: column.text("IANA time zone of the cron expression and of the placeholders.", {
    created: "IANA time zone of the cron expression and of the placeholders (default for new schedules: UTC).",
    optional: true,
  }),
  startsAt: column.time("Start. No run is planned before it.", { nullable: true }),
  endsAt: column.time("End. No run is planned at or after it.", { nullable: true }),
};

const content = {
  data: column.json("Data of the workflows.", {
    shown: "Data of the workflows, with placeholders such as `{{plannedDate}}`.",
    created:
      "Data of the workflows, according to the definition's schema. Texts can contain `{{plannedAt}}`, `{{plannedDate}}`, `{{plannedTime}}`, `{{plannedYear}}`, `{{plannedMonth}}` and `{{scheduleId}}`.",
    optional: true,
  }),
};

/** When a schedule runs, and what it starts. Its inputs begin with these columns. */
const terms = {
  ...timing,
  ...content,
  teamId: column.id("ID of the team that the workflows belong to.", { shown: false, nullable: true }),
  jitter: column.text("Maximum delay of each run, in ISO 8601.", {
    shown: "Maximum delay of each run, in ISO 8601. The delay of a planned time is always the same.",
    created: "Maximum delay of each run, in ISO 8601 (default PT0S, maximum PT24H).",
    optional: true,
  }),
  missedRuns: column.of(() => MissedRunPolicy, "What happens with missed runs.", {
    created: "What happens with missed runs (default for new schedules: RUN_ONCE).",
    optional: true,
  }),
  catchUpWindow: column.text("Maximum age of a missed run that still starts, in ISO 8601.", {
    created: "Maximum age of a missed run that still starts, in ISO 8601 (default P7D, maximum P31D).",
    optional: true,
  }),
  overlap: column.of(() => OverlapPolicy, "What happens when a run is due and an earlier one has not ended.", {
    created: "What happens when a run is due and an earlier one has not ended (default for new schedules: ALLOW).",
    optional: true,
  }),
  queueLimit: column.int("Maximum number of waiting runs with the policy QUEUE.", {
    created: "Maximum number of waiting runs with the policy QUEUE (default 10, maximum 100).",
    optional: true,
  }),
  maxFailures: column.int("Number of consecutive failed runs after which the schedule pauses itself.", {
    created: "Number of consecutive failed runs after which the schedule pauses itself (default 5, maximum 100).",
    optional: true,
  }),
};

export const scheduleColumns = columns({
  ...commonColumns.id("ID (`sch_…`).", "ID of the schedule (`sch_…`)."),
  ...commonColumns.nodeKey,
  name: column.text("Display name.", { max: 200, created: "Display name, at most 200 characters." }),
  definitionKey: column.text("Key of the definition. Each run starts its newest published version.", { updated: false }),
  environment: column.of(() => Environment, "Environment in which the workflows run.", {
    created: "Environment to run in (default PROD).",
    updated: false,
    optional: true,
  }),
  ...content,
  ...column.shownOnly({
    team: column.of(() => Team, "Team that the workflows belong to.", { nullable: true }),
    owner: column.of(
      () => User,
      "User on whose behalf the workflows start: the user who created the schedule or changed it last. Null if you cannot see the user.",
      { nullable: true },
    ),
  }),
  ...terms,
  ...column.shownOnly({
    failuresInRow: column.int("Number of consecutive runs that have failed."),
    status: column.of(() => ScheduleStatus, "Status."),
    pauseReason: column.text("Reason for the pause. Null if the schedule is not paused.", { nullable: true }),
    pausedBy: column.of(() => User, "User who paused the schedule. Null if it is not paused or has paused itself.", { nullable: true }),
    pausedAt: column.time("Time at which the schedule was paused. Null if it is not paused.", { nullable: true }),
    pausedUntil: column.time("Time at which the pause ends by itself. Null if it does not.", { nullable: true }),
    nextRunAt: column.time("Time at which the next run starts. Null if no run is planned.", { nullable: true }),
  }),
  ...standardColumns.expectedVersion,
  ...standardColumns.idempotencyKey,
  ...commonColumns.versionToExpect,
  ...column.shownOnly({
    createdBy: column.of(() => User, "User who created the schedule. Null if you cannot see the user.", { nullable: true }),
  }),
  ...standardColumns.times,
});

@ShowColumns(scheduleColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "A schedule, which starts workflows at planned times on behalf of its owner." })
@Allow(canInTenant("schedule.read"))
export class Schedule extends shapeOf(scheduleColumns) {
  /** For field resolvers; not a field. */
  readonly row!: ScheduleRow;
}

const inputColumns = columns({ ...terms, ...scheduleColumns.map });

export const CreateScheduleInput = createInputOf(
  "CreateScheduleInput",
  inputColumns,
  "The schedule to create. Exactly one of `cron`, `every` and `runAt` is required.",
);
export type CreateScheduleInput = InstanceType<typeof CreateScheduleInput>;

export const UpdateScheduleInput = updateInputOf(
  "UpdateScheduleInput",
  inputColumns,
  "Changes to a schedule. Omitted fields stay unchanged. Null removes the team, the start or the end.",
);
export type UpdateScheduleInput = InstanceType<typeof UpdateScheduleInput>;

const nextRunColumns = columns({
  ...timing,
  after: column.time("Time after which to compute (default now).", { optional: true }),
  first: column.int("Number of runs (default 10, maximum 100).", { optional: true }),
});

export const NextRunsInput = createInputOf(
  "NextRunsInput",
  nextRunColumns,
  "Planned times to compute. Exactly one of `cron`, `every` and `runAt` is required.",
);
export type NextRunsInput = InstanceType<typeof NextRunsInput>;

export const { Connection: ScheduleConnection } = connectionOf(Schedule);

export function toSchedule(row: ScheduleRow): Schedule {
  const id = encodeId("schedule", row.id);
  const isPaused = row.status === "PAUSED";
  const hasRuns = row.status === "ACTIVE" || row.pausedUntil !== null;
  return {
    ...scheduleColumns.shown(row),
    id,
    nodeKey: id,
    environment: row.environment as Environment,
    team: row.teamId === null ? null : Team.of(row.teamId),
    owner: User.of(row.ownerId),
    every: row.everySeconds === null ? null : spanOf(row.everySeconds),
    jitter: spanOf(row.jitterSeconds),
    missedRuns: row.missedRuns as MissedRunPolicy,
    catchUpWindow: spanOf(row.catchUpSeconds),
    overlap: row.overlap as OverlapPolicy,
    status: row.status as ScheduleStatus,
    pauseReason: isPaused ? (row.pauseReason ?? `${row.failuresInRow} consecutive runs failed.`) : null,
    pausedBy: row.pausedBy === null ? null : User.of(row.pausedBy),
    nextRunAt: hasRuns ? row.nextRunAt : null,
    createdBy: User.of(row.createdBy),
    row,
  };
}

export const SchedulePayload = payloadOf(Schedule, "schedule");
export type SchedulePayload = InstanceType<typeof SchedulePayload>;
