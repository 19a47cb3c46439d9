import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { Field, InputType, ObjectType } from "type-graphql";
import { BulkOperation } from "../bulk/bulk.type.js";
import { DefinitionShare } from "./share.type.js";

@InputType({ description: "Input of `revokeDefinitionShare`." })
export class RevokeDefinitionShareInput extends KeyedVersionedIdInput {
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether to cancel what the recipient has started and what has not ended, in the background. Only for the owner. Requires `workflow.bulk`, and `workflow.cancel` and `workflow.read` in the whole tenant.",
  })
  cancelOpenRuns?: boolean | null;
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
