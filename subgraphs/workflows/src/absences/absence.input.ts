import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Absence } from "./absence.type.js";

@InputType({ description: "Who is away when, and who stands in." })
export class SetAbsenceInput {
  @Field(() => ID, {
    nullable: true,
    description: "Who is away, `usr_…`: yourself when absent; somebody else for who may assign all tasks.",
  })
  userId?: string | null;

  @Field(() => ID, { description: "Who stands in, `usr_…`: another active user of the same organisation." })
  standInId!: string;

  @Field(() => DateTimeScalar, { description: "From when on." })
  startsAt!: string;

  @Field(() => DateTimeScalar, { description: "Until when: after `startsAt`, not in the past, at most a year later." })
  endsAt!: string;

  @Field(() => String, { nullable: true, description: "What the stand-in should know: at most 1,000 characters." })
  note?: string | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What of an absence is to be another; absent: as it is." })
export class UpdateAbsenceInput {
  @Field(() => ID, { description: "The absence's id, `abs_…`." })
  id!: string;

  @Field(() => ID, { nullable: true, description: "Who stands in, `usr_…`." })
  standInId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "From when on." })
  startsAt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Until when." })
  endsAt?: string | null;

  @Field(() => String, { nullable: true, description: "What the stand-in should know: at most 1,000 characters." })
  note?: string | null;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which absence is over." })
export class EndAbsenceInput {
  @Field(() => ID, { description: "The absence's id, `abs_…`." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The new absence." })
@Allow(inherit)
export class SetAbsencePayload {
  @Field(() => Absence, { description: "The absence." })
  absence!: Absence;
}

@ObjectType({ description: "The changed absence." })
@Allow(inherit)
export class UpdateAbsencePayload {
  @Field(() => Absence, { description: "The absence as it is now." })
  absence!: Absence;
}

@ObjectType({ description: "The absence that is over." })
@Allow(inherit)
export class EndAbsencePayload {
  @Field(() => Absence, { description: "The absence as it is now: it ends at this moment, or where it began when it had not begun." })
  absence!: Absence;
}
