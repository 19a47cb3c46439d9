import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Notification } from "./notification.type.js";

@InputType({ description: "Input for marking a notification as read." })
export class MarkNotificationReadInput {
  @Field(() => ID, { description: "ID of the notification (`ntf_…`)." })
  id!: string;
}

@ObjectType({ description: "Payload of marking a notification as read." })
@Allow(inherit)
export class MarkNotificationReadPayload {
  @Field(() => Notification, { description: "The notification, marked as read." })
  notification!: Notification;
}
