import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { TriggeringEventType } from "./event-type.type.js";

@ObjectType({ description: "Payload of a mutation that returns a type of events." })
@Allow(inherit)
export class TriggeringEventTypePayload {
  @Field(() => TriggeringEventType, { description: "The type of events as it is after the call." })
  eventType!: TriggeringEventType;
}
