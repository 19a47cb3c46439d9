import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { SlaRecomputation } from "../recomputations/recomputation.type.js";

/** Which clocks a policy concerns. Not in the schema itself; the input types that extend it have its fields. */
@InputType()
export abstract class SlaPolicyTermsInput {
  @Field(() => Int, {
    nullable: true,
    description: "Position. Policies with lower positions are tried first. By default, a new policy is the last one.",
  })
  position?: number | null;

  @Field(() => String, { nullable: true, description: "Key of the definition whose clocks the policy concerns. Null for all definitions." })
  definitionKey?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Name of the SLA in the definition, or `task:` with the name of a task. Null for all SLAs. Requires `definitionKey`.",
  })
  sla?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Key of the request type whose requests the policy concerns. Null for all types, and for work without a request.",
  })
  requestType?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Condition in CEL over `data.…`, `instance.…`, and `request.type`. If null or empty, the policy applies to all work.",
  })
  condition?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "At most 5 warnings: a share of the target (`80%`) or the time before it (`1 working hour`). Null for those of the definition.",
  })
  warnings?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Name of a calendar of the configuration, or `always`. Null for that of the definition.",
  })
  calendar?: string | null;
}

@InputType({ description: "The policy to create." })
export class CreateSlaPolicyInput extends SlaPolicyTermsInput {
  @Field(() => String, { description: "Key: lower-case letters, digits and single hyphens, at most 64 characters." })
  key!: string;

  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => String, { description: "Target: working time (`4 working hours`, `2 working days`) or calendar time (`PT4H`, `P2D`)." })
  target!: string;

  @Field(() => String, { nullable: true, description: "Why the policy is created, at most 2,000 characters. Kept with the version." })
  message?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Changes to a policy. Omitted fields stay unchanged." })
export class UpdateSlaPolicyInput extends SlaPolicyTermsInput {
  @Field(() => ID, { description: "ID of the policy (`slp_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name, at most 200 characters." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "Target, for example `4 working hours`." })
  target?: string | null;

  @Field(() => String, { nullable: true, description: "Why the policy is changed, at most 2,000 characters. Kept with the version." })
  message?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The policy to delete." })
export class DeleteSlaPolicyInput {
  @Field(() => ID, { description: "ID of the policy (`slp_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Why the policy is deleted, at most 2,000 characters. Kept with the version." })
  message?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({
  description: "A policy that would be created (without `id`), changed (with `id`), or deleted (with `id` and `isDeleted`).",
})
export class PreviewSlaPolicyInput extends SlaPolicyTermsInput {
  @Field(() => ID, { nullable: true, description: "ID of the policy that would be changed or deleted (`slp_…`)." })
  id?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the policy would be deleted (default false)." })
  isDeleted?: boolean | null;

  @Field(() => String, { nullable: true, description: "Target, for example `4 working hours`. Required without `id`." })
  target?: string | null;
}

@ObjectType({ description: "Payload of `deleteSlaPolicy`." })
@Allow(inherit)
export class DeleteSlaPolicyPayload {
  @Field(() => ID, { description: "ID of the deleted policy (`slp_…`)." })
  policyId!: string;

  @Field(() => SlaRecomputation, { description: "The recomputation of open clocks." })
  recomputation!: SlaRecomputation;
}
