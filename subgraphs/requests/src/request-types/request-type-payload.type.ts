import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { RequestType } from "./request-type.type.js";

@ObjectType({ description: "Payload of a mutation that returns a request type." })
@Allow(inherit)
export class RequestTypePayload {
  @Field(() => RequestType, { description: "The request type as it is after the call." })
  requestType!: RequestType;
}
