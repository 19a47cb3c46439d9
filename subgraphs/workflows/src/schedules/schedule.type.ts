import {
  Allow,
  canInTenant,
  connectionOf,
  DateTimeScalar,
  encodeId,
  inherit,
  isoOf,
  JsonScalar,
  MissedRunPolicy,
  type Occurrence,
  spanOf,
  payloadOf,
} from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Environment } from "../definitions/life-cycle/environment.type.js";
import { Team, User } from "../principals/principal.type.js";
import type { ScheduleRow } from "./schedule.store.js";
import type { Overlap } from "./timing/overlap.js";

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

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "A schedule, which starts workflows at planned times on behalf of its owner." })
@Allow(canInTenant("schedule.read"))
export class Schedule {
  @Field(() => ID, { description: "ID (`sch_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Key of the definition. Each run starts its newest published version." })
  definitionKey!: string;

  @Field(() => Environment, { description: "Environment in which the workflows run." })
  environment!: Environment;

  @Field(() => JsonScalar, { description: "Data of the workflows, with placeholders such as `{{plannedDate}}`." })
  data!: unknown;

  @Field(() => Team, { nullable: true, description: "Team that the workflows belong to." })
  team!: Team | null;

  @Field(() => User, {
    nullable: true,
    description:
      "User on whose behalf the workflows start: the user who created the schedule or changed it last. Null if you cannot see the user.",
  })
  owner!: User | null;

  @Field(() => String, { nullable: true, description: "Cron expression." })
  cron!: string | null;

  @Field(() => String, { nullable: true, description: "Interval between runs, in ISO 8601." })
  every!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the only run." })
  runAt!: string | null;

  @Field(() => String, { description: "IANA time zone of the cron expression and of the placeholders." })
  timeZone!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Start. No run is planned before it." })
  startsAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "End. No run is planned at or after it." })
  endsAt!: string | null;

  @Field(() => String, { description: "Maximum delay of each run, in ISO 8601. The delay of a planned time is always the same." })
  jitter!: string;

  @Field(() => MissedRunPolicy, { description: "What happens with missed runs." })
  missedRuns!: MissedRunPolicy;

  @Field(() => String, { description: "Maximum age of a missed run that still starts, in ISO 8601." })
  catchUpWindow!: string;

  @Field(() => OverlapPolicy, { description: "What happens when a run is due and an earlier one has not ended." })
  overlap!: OverlapPolicy;

  @Field(() => Int, { description: "Maximum number of waiting runs with the policy QUEUE." })
  queueLimit!: number;

  @Field(() => Int, { description: "Number of consecutive failed runs after which the schedule pauses itself." })
  maxFailures!: number;

  @Field(() => Int, { description: "Number of consecutive runs that have failed." })
  failuresInRow!: number;

  @Field(() => ScheduleStatus, { description: "Status." })
  status!: ScheduleStatus;

  @Field(() => String, { nullable: true, description: "Reason for the pause. Null if the schedule is not paused." })
  pauseReason!: string | null;

  @Field(() => User, { nullable: true, description: "User who paused the schedule. Null if it is not paused or has paused itself." })
  pausedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the schedule was paused. Null if it is not paused." })
  pausedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the pause ends by itself. Null if it does not." })
  pausedUntil!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the next run starts. Null if no run is planned." })
  nextRunAt!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => User, { nullable: true, description: "User who created the schedule. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** For field resolvers; not a field. */
  readonly row!: ScheduleRow;
}

export const { Connection: ScheduleConnection } = connectionOf(Schedule);

export function toSchedule(row: ScheduleRow): Schedule {
  const id = encodeId("schedule", row.id);
  const isPaused = row.status === "PAUSED";
  const { name, definitionKey, data, cron, runAt, timeZone, startsAt, endsAt, queueLimit, maxFailures, failuresInRow, version } = row;
  const hasRuns = row.status === "ACTIVE" || row.pausedUntil !== null;
  return {
    id,
    nodeKey: id,
    name,
    definitionKey,
    data,
    cron,
    runAt,
    timeZone,
    startsAt,
    endsAt,
    queueLimit,
    maxFailures,
    failuresInRow,
    environment: row.environment as Environment,
    team: row.teamId === null ? null : Team.of(row.teamId),
    owner: User.of(row.ownerId),
    every: row.everySeconds === null ? null : spanOf(row.everySeconds),
    jitter: spanOf(row.jitterSeconds),
    missedRuns: row.missedRuns as MissedRunPolicy,
    catchUpWindow: spanOf(row.catchUpSeconds),
    overlap: row.overlap as OverlapPolicy,
    status: row.status as ScheduleStatus,
    pauseReason: isPaused ? (row.pauseReason ?? `${failuresInRow} consecutive runs failed.`) : null,
    pausedBy: row.pausedBy === null ? null : User.of(row.pausedBy),
    pausedAt: row.pausedAt,
    pausedUntil: row.pausedUntil,
    nextRunAt: hasRuns ? row.nextRunAt : null,
    version,
    createdBy: User.of(row.createdBy),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    row,
  };
}

export const SchedulePayload = payloadOf(Schedule, "schedule");
export type SchedulePayload = InstanceType<typeof SchedulePayload>;
