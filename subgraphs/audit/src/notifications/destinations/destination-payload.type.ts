import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { NotificationDestination } from "./destination.type.js";

@ObjectType({ description: "Payload of a mutation that returns a notification destination." })
@Allow(inherit)
export class NotificationDestinationPayload {
  @Field(() => NotificationDestination, { description: "The notification destination as it is after the call." })
  destination!: NotificationDestination;
}
