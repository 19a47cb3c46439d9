import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { NotificationDelivery } from "./delivery.type.js";

@ObjectType({ description: "Payload of a mutation that returns a notification delivery." })
@Allow(inherit)
export class NotificationDeliveryPayload {
  @Field(() => NotificationDelivery, { description: "The notification delivery as it is after the call." })
  delivery!: NotificationDelivery;
}
