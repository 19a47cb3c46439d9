import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ScheduleRun } from "./run/run.type.js";
import { Schedule } from "./schedule.type.js";

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
