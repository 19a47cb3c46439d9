import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { EventReplay } from "./replay.type.js";

@ObjectType({ description: "Payload of a mutation that returns an event replay." })
@Allow(inherit)
export class EventReplayPayload {
  @Field(() => EventReplay, { description: "The event replay as it is after the call." })
  replay!: EventReplay;
}
