import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Team, User } from "../principals/principal.type.js";
import { RoutingRule } from "./routing-rule.type.js";

@ObjectType({ description: "One rule of a route, as it was tried." })
@Allow(inherit)
export class TriedRoutingRule {
  @Field(() => RoutingRule, { description: "The rule." })
  rule!: RoutingRule;

  @Field(() => Boolean, { description: "Whether it would apply, if no rule before it did." })
  isMatch!: boolean;

  @Field(() => [String], { description: "Why it does not decide, as sentences; empty for the one that does." })
  reasons!: string[];
}

@ObjectType({ description: "What a route would do with a piece of work." })
@Allow(inherit)
export class RoutingTest {
  @Field(() => RoutingRule, { nullable: true, description: "The rule that decides; null: none does, and the work's own candidates stay." })
  rule!: RoutingRule | null;

  @Field(() => User, { nullable: true, description: "Who would be given it; null when it is offered." })
  user!: User | null;

  @Field(() => [User], {
    nullable: "items",
    description: "Users whom it would be offered to; null in the place of who cannot be shown to you.",
  })
  users!: (User | null)[];

  @Field(() => [Team], {
    nullable: "items",
    description: "Teams whom it would be offered to; null in the place of one that cannot be shown to you.",
  })
  teams!: (Team | null)[];

  @Field(() => [String], { description: "Keys of the roles whom it would be offered to." })
  roles!: string[];

  @Field(() => [TriedRoutingRule], { description: "Every active rule of the route, in the order in which they are tried." })
  tried!: TriedRoutingRule[];
}
