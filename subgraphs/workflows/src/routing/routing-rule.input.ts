import { DateTimeScalar, JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";
import { RoutingStrategy, RoutingHours } from "./routing-rule.type.js";

/** Fields of a new or changed rule. Not in the schema itself; the input types that extend it have its fields. */
@InputType()
abstract class RoutingRuleTermsInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Condition in CEL over `data.…`, `owner.id`, `owner.roles`, `owner.teamIds`, `definition`, `state`, `task`, `time.date`, `time.time`, `time.weekday`, `time.isWorking`. If null or empty, the rule applies to all work.",
  })
  condition?: string | null;

  @Field(() => RoutingHours, { nullable: true, description: "When the rule applies. By default, a new rule applies at any time." })
  workingHours?: RoutingHours | null;

  @Field(() => [ID], { nullable: true, description: "IDs of users selected by the rule, at most 100." })
  userIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "IDs of teams whose members the rule selects, at most 100." })
  teamIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Keys of roles whose holders the rule selects, at most 100." })
  roles?: string[] | null;

  @Field(() => String, { nullable: true, description: "Skill that the selected users must have (`setUserSkills`)." })
  skill?: string | null;

  @Field(() => RoutingStrategy, {
    nullable: true,
    description: "Whether the work is offered to all selected users or assigned to one of them (default EVERYBODY for a new rule).",
  })
  strategy?: RoutingStrategy | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether the rule is active (default true for a new rule). Inactive rules are not evaluated.",
  })
  isActive?: boolean | null;
}

@InputType({ description: "The rule to add to a route." })
export class CreateRoutingRuleInput extends RoutingRuleTermsInput {
  @Field(() => String, { description: "Name of the route: lower-case letters, digits and single hyphens, at most 64 characters." })
  route!: string;

  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Position of the rule. Rules with lower positions are evaluated first. If omitted, the rule is last.",
  })
  position?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Changes to a rule. Omitted fields stay unchanged. Null removes a condition or a skill." })
export class UpdateRoutingRuleInput extends RoutingRuleTermsInput {
  @Field(() => ID, { description: "ID of the rule (`rtr_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name, at most 200 characters." })
  name?: string | null;

  @Field(() => Int, { nullable: true, description: "Position of the rule. Rules with lower positions are evaluated first." })
  position?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Sample work to test a route with." })
export class TestRoutingInput {
  @Field(() => String, { description: "Name of the route." })
  route!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Data of the work." })
  data?: unknown;

  @Field(() => [String], { nullable: true, description: "Keys of the owner's roles." })
  ownerRoles?: string[] | null;

  @Field(() => String, { nullable: true, description: "Key of the definition." })
  definitionKey?: string | null;

  @Field(() => String, { nullable: true, description: "State that opens the work." })
  state?: string | null;

  @Field(() => String, { nullable: true, description: "Task rule that opens the work." })
  task?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the test (default now)." })
  at?: string | null;
}
