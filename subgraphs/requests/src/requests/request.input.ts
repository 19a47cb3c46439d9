import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `createRequest`." })
export class CreateRequestInput {
  @Field(() => String, { description: "Key of the request type, for example `maintenance`." })
  typeKey!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Fields of the type's `form`." })
  data?: Record<string, unknown> | null;

  @Field(() => ID, { nullable: true, description: "Building that the request is about. If only an asset is given, the asset's building." })
  buildingId?: string | null;

  @Field(() => ID, { nullable: true, description: "Asset that the request is about. It must be in the building." })
  assetId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "Floor, room, or area that the request is about. It must be in the building. If only an asset is given, the asset's space.",
  })
  spaceId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "ID in another system, unique among requests (at most 200 characters). Only for users of the organization.",
  })
  externalId?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateRequest`. Omitted fields keep their values; null removes a building, asset, or space." })
export class UpdateRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => JsonScalar, { nullable: true, description: "Fields to set. Others keep their values." })
  data?: Record<string, unknown> | null;

  @Field(() => ID, { nullable: true, description: "Building that the request is about." })
  buildingId?: string | null;

  @Field(() => ID, { nullable: true, description: "Asset that the request is about." })
  assetId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "Floor, room, or area that the request is about. If omitted, another building or asset also replaces the space.",
  })
  spaceId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "New ID in another system, unique among requests (at most 200 characters). Null removes it. Only for users of the organization.",
  })
  externalId?: string | null;
}

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
