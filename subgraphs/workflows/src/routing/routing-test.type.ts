import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, ObjectType, InputType } from "type-graphql";
import { Team, User } from "../principals/principal.type.js";
import { RoutingRule } from "./routing-rule.type.js";

@ObjectType({ description: "A rule of a route, as evaluated in a test." })
@Allow(inherit)
export class EvaluatedRoutingRule {
  @Field(() => RoutingRule, { description: "The rule." })
  rule!: RoutingRule;

  @Field(() => Boolean, { description: "Whether the rule would apply if no earlier rule applied." })
  isMatch!: boolean;

  @Field(() => [String], { description: "Reasons why the rule does not decide, as sentences. Empty for the rule that decides." })
  reasons!: string[];
}

@ObjectType({ description: "Result of testing a route." })
@Allow(inherit)
export class RoutingTest {
  @Field(() => RoutingRule, {
    nullable: true,
    description: "The rule that decides. If null, no rule applies and the work keeps its own candidates.",
  })
  rule!: RoutingRule | null;

  @Field(() => User, { nullable: true, description: "User to whom the work would be assigned. Null if it would be offered." })
  user!: User | null;

  @Field(() => [User], {
    nullable: "items",
    description: "Users to whom the work would be offered. Null instead of a user you cannot see.",
  })
  users!: (User | null)[];

  @Field(() => [Team], {
    nullable: "items",
    description: "Teams to whom the work would be offered. Null instead of a team you cannot see.",
  })
  teams!: (Team | null)[];

  @Field(() => [String], { description: "Keys of the roles to which the work would be offered." })
  roles!: string[];

  @Field(() => [EvaluatedRoutingRule], { description: "All active rules of the route, in the order of evaluation." })
  evaluatedRules!: EvaluatedRoutingRule[];
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
