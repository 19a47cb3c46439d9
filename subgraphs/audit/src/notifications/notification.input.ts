import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Notification } from "./notification.type.js";

@InputType({ description: "Which notification was read." })
export class MarkNotificationReadInput {
  @Field(() => ID, { description: "Its id, `ntf_…`." })
  id!: string;
}

@ObjectType({ description: "The notification that was marked." })
@Allow(inherit)
export class MarkNotificationReadPayload {
  @Field(() => Notification, { description: "The notification, read." })
  notification!: Notification;
}
