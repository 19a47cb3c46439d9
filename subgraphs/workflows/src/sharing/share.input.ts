import { Allow, DateTimeScalar, inherit, KeyedVersionedIdInput } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { BulkOperation } from "../bulk/bulk.type.js";
import { DefinitionShare, DefinitionShareMode } from "./share.type.js";

@InputType({ description: "Input of `offerDefinitionShare`." })
export class OfferDefinitionShareInput {
  @Field(() => String, { description: "Key of a definition that has a published version." })
  definitionKey!: string;

  @Field(() => String, { description: "Slug of the tenant to share it with. The answer does not say whether there is such a tenant." })
  recipient!: string;

  @Field(() => DefinitionShareMode, { description: "What the recipient can do." })
  mode!: DefinitionShareMode;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time from which it can no longer be used: at most 366 days from now. If omitted, 90 days from now.",
  })
  expiresAt?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "How often the recipient can start it within an hour (1 to 10,000). If omitted, 60. Only with the mode `START`.",
  })
  maxStartsPerHour?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "How many of the runs that the recipient has started can be open at the same time (1 to 1,000). Workflows that such a run starts without waiting for them do not count. If omitted, 100. Only with the mode `START`.",
  })
  maxOpenRuns?: number | null;

  @Field(() => String, { nullable: true, description: "Message to the recipient (up to 1,000 characters)." })
  message?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `revokeDefinitionShare`." })
export class RevokeDefinitionShareInput extends KeyedVersionedIdInput {
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether to cancel what the recipient has started and what has not ended, in the background. Only for the owner. Requires `workflow.bulk`, and `workflow.cancel` and `workflow.read` in the whole tenant.",
  })
  cancelOpenRuns?: boolean | null;
}

@InputType({ description: "Input of `updateDefinitionShare`. Omitted fields keep their values." })
export class UpdateDefinitionShareInput {
  @Field(() => ID, { description: "ID of the share (`dsh_…`)." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "How often the recipient can start it within an hour (1 to 10,000)." })
  maxStartsPerHour?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "How many of the runs that the recipient has started can be open at the same time (1 to 1,000).",
  })
  maxOpenRuns?: number | null;

  @Field(() => Int, { nullable: true, description: "Version that you read. If it has changed since, the call fails with CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of `revokeDefinitionShare`." })
@Allow(inherit)
export class RevokeDefinitionSharePayload {
  @Field(() => DefinitionShare, { description: "The revoked share." })
  share!: DefinitionShare;

  @Field(() => BulkOperation, {
    nullable: true,
    description:
      "The operation that cancels the open runs, at most 10,000, the oldest first. Subscribe to `bulkOperationChanged` to follow its progress. Null if there are none, or without `cancelOpenRuns`.",
  })
  operation!: BulkOperation | null;
}
