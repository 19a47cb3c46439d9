import { JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `cancelRequest`." })
export class CancelRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Why." })
  comment?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `closeRequest`." })
export class CloseRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Comment for the history. Some definitions require one." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values of the transition's form, if the definition has one." })
  input?: Record<string, unknown> | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `reopenRequest`." })
export class ReopenRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Reason for reopening. Some definitions require one." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values of the transition's form, if the definition has one." })
  input?: Record<string, unknown> | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Provide exactly one of the three." })
export class AssigneeInput {
  @Field(() => ID, { nullable: true, description: "A user." })
  userId?: string | null;

  @Field(() => ID, { nullable: true, description: "A team. Each of its members can act." })
  teamId?: string | null;

  @Field(() => ID, { nullable: true, description: "A vendor. Its users can then see the request." })
  vendorId?: string | null;
}

@InputType({ description: "Input of `assignRequest`." })
export class AssignRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => AssigneeInput, { nullable: true, description: "The assignee. Null removes the assignment." })
  assignee?: AssigneeInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Reason, at most 10,000 characters. It follows the assignment in the workflow's history as an internal comment. Users of a vendor cannot give or see one.",
  })
  reason?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
