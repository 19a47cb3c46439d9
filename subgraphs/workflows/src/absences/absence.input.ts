import { DateTimeScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "An absence to create, with its substitute." })
export class SetAbsenceInput {
  @Field(() => ID, {
    nullable: true,
    description: "ID of the absent user (`usr_…`), by default you. Only users who can assign all tasks can name somebody else.",
  })
  userId?: string | null;

  @Field(() => ID, { description: "ID of the substitute (`usr_…`): another active user of the same organization." })
  substituteId!: string;

  @Field(() => DateTimeScalar, { description: "Start of the absence." })
  startsAt!: string;

  @Field(() => DateTimeScalar, {
    description: "End of the absence. Must be after `startsAt`, not in the past, and at most one year after the start.",
  })
  endsAt!: string;

  @Field(() => String, { nullable: true, description: "Information for the substitute, at most 1,000 characters." })
  note?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Changes to an absence. Omitted fields stay unchanged." })
export class UpdateAbsenceInput {
  @Field(() => ID, { description: "ID of the absence (`abs_…`)." })
  id!: string;

  @Field(() => ID, { nullable: true, description: "ID of the substitute (`usr_…`)." })
  substituteId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Start of the absence." })
  startsAt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "End of the absence." })
  endsAt?: string | null;

  @Field(() => String, { nullable: true, description: "Information for the substitute, at most 1,000 characters." })
  note?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
