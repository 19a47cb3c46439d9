import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { NotificationRule } from "./rule.type.js";

@ObjectType({ description: "Payload of a mutation that returns a notification rule." })
@Allow(inherit)
export class NotificationRulePayload {
  @Field(() => NotificationRule, { description: "The notification rule as it is after the call." })
  rule!: NotificationRule;
}
