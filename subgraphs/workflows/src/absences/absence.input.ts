import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Absence } from "./absence.type.js";

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

@InputType({ description: "The absence to end." })
export class EndAbsenceInput {
  @Field(() => ID, { description: "ID of the absence (`abs_…`)." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The new absence." })
@Allow(inherit)
export class SetAbsencePayload {
  @Field(() => Absence, { description: "The absence." })
  absence!: Absence;
}

@ObjectType({ description: "The updated absence." })
@Allow(inherit)
export class UpdateAbsencePayload {
  @Field(() => Absence, { description: "The absence." })
  absence!: Absence;
}

@ObjectType({ description: "The ended absence." })
@Allow(inherit)
export class EndAbsencePayload {
  @Field(() => Absence, { description: "The absence after the call. It ends now, or at its start if it had not begun." })
  absence!: Absence;
}
