import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Notification } from "./notification.type.js";

@ObjectType({ description: "Payload of a mutation that returns a notification." })
@Allow(inherit)
export class NotificationPayload {
  @Field(() => Notification, { description: "The notification as it is after the call." })
  notification!: Notification;
}
