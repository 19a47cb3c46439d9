import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { IntegrationTrigger } from "./trigger.type.js";

@ObjectType({ description: "Payload of a mutation that returns an integration trigger." })
@Allow(inherit)
export class IntegrationTriggerPayload {
  @Field(() => IntegrationTrigger, { description: "The integration trigger as it is after the call." })
  trigger!: IntegrationTrigger;
}
