import type { TransitionExplanation as Explained } from "@weft/engine";
import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "A rule that applies to your use of a transition." })
@Allow(inherit)
export class RuleResult {
  @Field(() => String, {
    description:
      "Kind of rule: `permission`, `role`, `owner`, `assignee`, `notSameAs`, `when`, `claimed`, `blocked` (the request waits for others); for a transition that is not available `transition`, `state` or `status`.",
  })
  rule!: string;

  @Field(() => String, {
    description:
      "Location of the rule: in the transition (`allow.any[0].roles`, `when`), or `fireTransition`, `tasks`, `links`, `state`, `status`, `transition`.",
  })
  at!: string;

  @Field(() => Boolean, { description: "Whether the rule is satisfied." })
  holds!: boolean;

  @Field(() => Boolean, { description: "Whether the rule is one of several alternatives, of which one must be satisfied." })
  isAlternative!: boolean;

  @Field(() => String, { description: "The rule as a sentence. For a condition that does not hold, includes the values." })
  message!: string;

  @Field(() => String, { nullable: true, description: "Path of the value that a condition read (`data.estimate`). Null for other rules." })
  path!: string | null;
}

@ObjectType({ description: "Why you can or cannot fire a transition of an instance now." })
@Allow(inherit)
export class TransitionExplanation {
  @Field(() => String, { description: "Name of the transition." })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: "Display name of the transition. Null if the current state has no transition with this name.",
  })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "Target state." })
  to!: string | null;

  @Field(() => Boolean, { description: "Whether `fireTransition` would succeed, given the required comment and input." })
  allowed!: boolean;

  @Field(() => [RuleResult], { description: "The rules with their results, in the order of the definition." })
  ruleResults!: RuleResult[];

  @Field(() => Boolean, { description: "Whether `fireTransition` requires a comment." })
  requiresComment!: boolean;

  @Field(() => JsonScalar, { nullable: true, description: "JSON Schema of the input. Null if there is none." })
  inputSchema!: unknown;
}

/** @param mayFire whether the viewer can fire any transition of this instance */
export function toTransitionExplanation(explained: Explained, mayFire: boolean): TransitionExplanation {
  const right = {
    rule: "permission",
    at: "fireTransition",
    holds: mayFire,
    isAlternative: false,
    message: "This requires the permission workflow.fire for this instance.",
  };
  return {
    ...explained,
    allowed: explained.allowed && mayFire,
    ruleResults: [right, ...explained.ruleResults].map((result) => ({ path: null, ...result })),
  };
}
