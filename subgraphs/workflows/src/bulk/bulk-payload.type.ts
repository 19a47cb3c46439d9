import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { BulkOperation } from "./bulk.type.js";

@ObjectType({ description: "Payload of a mutation that returns a bulk operation." })
@Allow(inherit)
export class BulkOperationPayload {
  @Field(() => BulkOperation, { description: "The bulk operation as it is after the call." })
  operation!: BulkOperation;
}
