import { DateTimeScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";
import { MeterKind, MeterStatus } from "./meter.type.js";

const above = "A reading that reaches this total from below causes the event `meter.threshold_reached`.";
const below = "A reading that reaches this total from above causes the event `meter.threshold_reached`.";
const every = "A reading that reaches or passes a multiple of this causes the event `meter.threshold_reached`. Only for `CUMULATIVE`.";

@InputType({ description: "Input of `createMeter`." })
export class CreateMeterInput {
  @Field(() => ID, { description: "The asset. It can have at most 50 meters." })
  assetId!: string;

  @Field(() => String, { description: "Name, unique for the asset (1 to 80 characters)." })
  name!: string;

  @Field(() => String, { description: "Unit of the values, such as `h` or `km` (1 to 20 characters)." })
  unit!: string;

  @Field(() => MeterKind, { description: "How the values develop. It never changes." })
  kind!: MeterKind;

  @Field(() => String, { nullable: true, description: above })
  above?: string | null;

  @Field(() => String, { nullable: true, description: below })
  below?: string | null;

  @Field(() => String, { nullable: true, description: every })
  every?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateMeter`. Omitted fields keep their values." })
export class UpdateMeterInput {
  @Field(() => ID, { description: "The meter." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => MeterStatus, { nullable: true, description: "New status." })
  status?: MeterStatus | null;

  @Field(() => String, { nullable: true, description: `${above} Null removes it.` })
  above?: string | null;

  @Field(() => String, { nullable: true, description: `${below} Null removes it.` })
  below?: string | null;

  @Field(() => String, { nullable: true, description: `${every} Null removes it.` })
  every?: string | null;
}

@InputType({ description: "Input of `recordMeterReading`." })
export class RecordMeterReadingInput {
  @Field(() => ID, { description: "The meter." })
  meterId!: string;

  @Field(() => String, { description: "Value that the device shows, as a decimal number." })
  value!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the device was read. Default: now. Not in the future." })
  readAt?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether this is the first reading of another device. It can have any value; the total continues from the reading before. Only for `CUMULATIVE`, and only as the newest reading.",
  })
  isReset?: boolean | null;

  @Field(() => String, { nullable: true, description: "Note (at most 500 characters)." })
  note?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `correctMeterReading`." })
export class CorrectMeterReadingInput {
  @Field(() => ID, { description: "The wrong reading." })
  readingId!: string;

  @Field(() => String, { description: "Right value, as a decimal number." })
  value!: string;

  @Field(() => String, { description: "Why the value was wrong (1 to 500 characters)." })
  reason!: string;
}
