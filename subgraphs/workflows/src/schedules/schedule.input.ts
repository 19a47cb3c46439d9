import { Allow, DateTimeScalar, inherit, JsonScalar, MissedRunPolicy } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Environment } from "../definitions/life-cycle/environment.type.js";
import { ScheduleRun } from "./run/run.type.js";
import { OverlapPolicy, Schedule } from "./schedule.type.js";

/** Fields of the planned times. Not in the schema itself; the input types that extend it have its fields. */
@InputType()
abstract class TimingInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Cron expression: minute, hour, day of month, month, day of week, optionally with a second first. Names, ranges, lists, steps, `L`, `W` and `#` are supported.",
  })
  cron?: string | null;

  @Field(() => String, { nullable: true, description: "Interval in ISO 8601, such as PT15M, counted from the start. At least PT1M." })
  every?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of a single run." })
  runAt?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "IANA time zone of the cron expression and of the placeholders (default for new schedules: UTC).",
  })
  timeZone?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Start. No run is planned before it." })
  startsAt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "End. No run is planned at or after it." })
  endsAt?: string | null;
}

@InputType({ description: "Planned times to compute. Exactly one of `cron`, `every` and `runAt` is required." })
export class NextRunsInput extends TimingInput {
  @Field(() => DateTimeScalar, { nullable: true, description: "Time after which to compute (default now)." })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: "Number of runs (default 10, maximum 100)." })
  first?: number | null;
}

/** Fields of a new or changed schedule. Not in the schema itself; the input types that extend it have its fields. */
@InputType()
abstract class ScheduleTermsInput extends TimingInput {
  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Data of the workflows, according to the definition's schema. Texts can contain `{{plannedAt}}`, `{{plannedDate}}`, `{{plannedTime}}`, `{{plannedYear}}`, `{{plannedMonth}}` and `{{scheduleId}}`.",
  })
  data?: unknown;

  @Field(() => ID, { nullable: true, description: "ID of the team that the workflows belong to." })
  teamId?: string | null;

  @Field(() => String, { nullable: true, description: "Maximum delay of each run, in ISO 8601 (default PT0S, maximum PT24H)." })
  jitter?: string | null;

  @Field(() => MissedRunPolicy, { nullable: true, description: "What happens with missed runs (default for new schedules: RUN_ONCE)." })
  missedRuns?: MissedRunPolicy | null;

  @Field(() => String, {
    nullable: true,
    description: "Maximum age of a missed run that still starts, in ISO 8601 (default P7D, maximum P31D).",
  })
  catchUpWindow?: string | null;

  @Field(() => OverlapPolicy, {
    nullable: true,
    description: "What happens when a run is due and an earlier one has not ended (default for new schedules: ALLOW).",
  })
  overlap?: OverlapPolicy | null;

  @Field(() => Int, { nullable: true, description: "Maximum number of waiting runs with the policy QUEUE (default 10, maximum 100)." })
  queueLimit?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Number of consecutive failed runs after which the schedule pauses itself (default 5, maximum 100).",
  })
  maxFailures?: number | null;
}

@InputType({ description: "The schedule to create. Exactly one of `cron`, `every` and `runAt` is required." })
export class CreateScheduleInput extends ScheduleTermsInput {
  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => String, { description: "Key of the definition. Each run starts its newest published version." })
  definitionKey!: string;

  @Field(() => Environment, { nullable: true, description: "Environment to run in (default PROD)." })
  environment?: Environment | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Changes to a schedule. Omitted fields stay unchanged. Null removes the team, the start or the end." })
export class UpdateScheduleInput extends ScheduleTermsInput {
  @Field(() => ID, { description: "ID of the schedule (`sch_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name, at most 200 characters." })
  name?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "The schedule to pause." })
export class PauseScheduleInput {
  @Field(() => ID, { description: "ID of the schedule (`sch_…`)." })
  id!: string;

  @Field(() => String, { description: "Reason, at most 1,000 characters." })
  reason!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the pause ends by itself. If omitted, it does not." })
  until?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "The period whose missed runs start now." })
export class BackfillScheduleInput {
  @Field(() => ID, { description: "ID of the schedule (`sch_…`)." })
  id!: string;

  @Field(() => DateTimeScalar, { description: "Start of the period. Not before the last change of the planned times." })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period, not included. Not in the future." })
  to!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The requested run." })
@Allow(inherit)
export class RunScheduleNowPayload {
  @Field(() => Schedule, { description: "The schedule." })
  schedule!: Schedule;

  @Field(() => ScheduleRun, { description: "The run. It starts within moments." })
  run!: ScheduleRun;
}

@ObjectType({ description: "The requested runs." })
@Allow(inherit)
export class BackfillSchedulePayload {
  @Field(() => Schedule, { description: "The schedule." })
  schedule!: Schedule;

  @Field(() => Int, { description: "Number of missed runs that start now." })
  count!: number;
}
