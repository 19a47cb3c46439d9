import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Trigger } from "./trigger.type.js";

@ObjectType({ description: "Payload of a mutation that returns a trigger." })
@Allow(inherit)
export class TriggerPayload {
  @Field(() => Trigger, { description: "The trigger as it is after the call." })
  trigger!: Trigger;
}
