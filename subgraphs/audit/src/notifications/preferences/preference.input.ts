import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { NotificationKind } from "../notification.type.js";

@ObjectType({ description: "Payload of unsubscribing from emails." })
@Allow(inherit)
export class UnsubscribeFromNotificationsPayload {
  @Field(() => [NotificationKind], { description: "Kinds of notifications that are no longer sent by email." })
  kinds!: NotificationKind[];
}
