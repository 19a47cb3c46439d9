import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Request } from "./request.type.js";

@ObjectType({ description: "Payload of a mutation that returns a request." })
@Allow(inherit)
export class RequestPayload {
  @Field(() => Request, { description: "The request as it is after the call." })
  request!: Request;
}
