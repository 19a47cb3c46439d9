import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { ParkedEvent } from "./parked-event.type.js";

@ObjectType({ description: "Payload of a mutation that changes parked events." })
@Allow(inherit)
export class ParkedEventsPayload {
  @Field(() => [ParkedEvent], { description: "The parked events, in the order of the IDs. They are handled soon." })
  parkedEvents!: ParkedEvent[];
}
