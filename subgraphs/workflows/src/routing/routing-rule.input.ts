import { Allow, DateTimeScalar, JsonScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { RoutingChoice, RoutingHours, RoutingRule } from "./routing-rule.type.js";

/** What a rule says, whether it is new or changed. Not in the schema itself: the inputs that extend it have its fields. */
@InputType()
abstract class RoutingRuleTermsInput {
  @Field(() => String, {
    nullable: true,
    description:
      "In CEL over `data.…`, `owner.id`, `owner.roles`, `owner.teamIds`, `definition`, `state`, `task`, `time.date`, `time.time`, `time.weekday`, `time.isWorking`. Null or empty: whatever the work is about.",
  })
  condition?: string | null;

  @Field(() => RoutingHours, { nullable: true, description: "When it applies; a new rule applies at any time unless it says so." })
  workingHours?: RoutingHours | null;

  @Field(() => [ID], { nullable: true, description: "Users whom it means, at most 100." })
  userIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Teams whose members it means, at most 100." })
  teamIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Keys of roles whose holders it means, at most 100." })
  roles?: string[] | null;

  @Field(() => String, { nullable: true, description: "Of all of these only those who have it (`setUserSkills`)." })
  skill?: string | null;

  @Field(() => RoutingChoice, {
    nullable: true,
    description: "Whether they are offered the work, or one of them is given it; a new rule: EVERYBODY unless it says so.",
  })
  choice?: RoutingChoice | null;

  @Field(() => Boolean, { nullable: true, description: "What is not active is not tried; a new rule is unless it says so." })
  isActive?: boolean | null;
}

@InputType({ description: "A rule to add to a route." })
export class CreateRoutingRuleInput extends RoutingRuleTermsInput {
  @Field(() => String, { description: "The route's name: lower case, digits, single hyphens, at most 64 characters." })
  route!: string;

  @Field(() => String, { description: "For people, at most 200 characters." })
  name!: string;

  @Field(() => Int, { nullable: true, description: "Lower ones are tried first; left out, it is tried last." })
  position?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What to change of a rule. What is left out stays; null takes a condition or a skill away." })
export class UpdateRoutingRuleInput extends RoutingRuleTermsInput {
  @Field(() => ID, { description: "The rule's id, `rtr_…`." })
  id!: string;

  @Field(() => String, { nullable: true, description: "For people, at most 200 characters." })
  name?: string | null;

  @Field(() => Int, { nullable: true, description: "Lower ones are tried first." })
  position?: number | null;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which rule to take away." })
export class DeleteRoutingRuleInput {
  @Field(() => ID, { description: "The rule's id, `rtr_…`." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "A piece of work that is imagined." })
export class TestRoutingInput {
  @Field(() => String, { description: "The route." })
  route!: string;

  @Field(() => JsonScalar, { nullable: true, description: "The data of the work." })
  data?: unknown;

  @Field(() => [String], { nullable: true, description: "Keys of the roles of whose it is." })
  ownerRoles?: string[] | null;

  @Field(() => String, { nullable: true, description: "Key of the definition." })
  definitionKey?: string | null;

  @Field(() => String, { nullable: true, description: "The state that opens it." })
  state?: string | null;

  @Field(() => String, { nullable: true, description: "The task rule that opens it." })
  task?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When; now when left out." })
  at?: string | null;
}

@ObjectType({ description: "The new rule." })
@Allow(inherit)
export class CreateRoutingRulePayload {
  @Field(() => RoutingRule, { description: "The rule as it is now." })
  rule!: RoutingRule;
}

@ObjectType({ description: "The changed rule." })
@Allow(inherit)
export class UpdateRoutingRulePayload {
  @Field(() => RoutingRule, { description: "The rule as it is now." })
  rule!: RoutingRule;
}

@ObjectType({ description: "What `deleteRoutingRule` answers." })
@Allow(inherit)
export class DeleteRoutingRulePayload {
  @Field(() => ID, { description: "The rule that is gone; TypeID, `rtr_…`." })
  ruleId!: string;
}
