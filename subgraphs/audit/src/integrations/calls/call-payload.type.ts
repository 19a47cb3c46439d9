import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { IntegrationCall } from "./call.type.js";

@ObjectType({ description: "Payload of a mutation that returns an integration call." })
@Allow(inherit)
export class IntegrationCallPayload {
  @Field(() => IntegrationCall, { description: "The integration call as it is after the call." })
  call!: IntegrationCall;
}
