import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
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

@InputType({ description: "Input for archiving a notification." })
export class ArchiveNotificationInput {
  @Field(() => ID, { description: "ID of the notification (`ntf_…`)." })
  id!: string;
}

@ObjectType({ description: "Payload of archiving a notification." })
@Allow(inherit)
export class ArchiveNotificationPayload {
  @Field(() => Notification, { description: "The notification, archived and read." })
  notification!: Notification;
}

@InputType({ description: "Input for marking all your notifications as read." })
export class MarkAllNotificationsReadInput {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Only notifications of events up to this time. Specify the time of the newest one that you have shown.",
  })
  until?: string | null;
}

@ObjectType({ description: "Payload of marking all your notifications as read." })
@Allow(inherit)
export class MarkAllNotificationsReadPayload {
  @Field(() => Int, { description: "Number of notifications that were unread." })
  readCount!: number;
}
