import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { NotificationPreferences } from "./preference.type.js";

@ObjectType({ description: "Payload of a mutation that returns your notification preferences." })
@Allow(inherit)
export class NotificationPreferencesPayload {
  @Field(() => NotificationPreferences, { description: "The preferences as they are after the call." })
  notificationPreferences!: NotificationPreferences;
}
