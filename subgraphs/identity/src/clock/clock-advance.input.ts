import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { ClockAdvance } from "./clock-advance.type.js";

@InputType({ description: "Input of `advanceClock`: either `by` or `to`." })
export class AdvanceClockInput {
  @Field(() => String, {
    nullable: true,
    description: "Duration in ISO 8601, for example `P90D` or `PT8H`. Years, months, and days are those of the calendar in UTC.",
  })
  by?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the sandbox to reach." })
  to?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same advance.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of `advanceClock`." })
@Allow(inherit)
export class AdvanceClockPayload {
  @Field(() => ClockAdvance, { description: "The advance. Still `RUNNING` if it takes longer than the call waits." })
  advance!: ClockAdvance;
}
