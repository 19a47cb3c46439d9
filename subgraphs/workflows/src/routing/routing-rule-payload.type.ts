import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { RoutingRule } from "./routing-rule.type.js";

@ObjectType({ description: "Payload of a mutation that returns a routing rule." })
@Allow(inherit)
export class RoutingRulePayload {
  @Field(() => RoutingRule, { description: "The routing rule as it is after the call." })
  rule!: RoutingRule;
}
