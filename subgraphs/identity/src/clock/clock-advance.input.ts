import { DateTimeScalar } from "@weft/shared";
import { Field, InputType } from "type-graphql";

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
