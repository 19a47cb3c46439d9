import type { TransitionExplanation as Explained } from "@weft/engine";
import { Allow, JsonScalar, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "One rule between you and a transition." })
@Allow(inherit)
export class RuleVerdict {
  @Field(() => String, {
    description:
      "What kind of rule: `permission`, `role`, `owner`, `assignee`, `notSameAs`, `when`, `claimed`; for a transition that is not open `transition`, `state` or `status`.",
  })
  rule!: string;

  @Field(() => String, {
    description:
      "Where it stands: in the transition (`allow.any[0].roles`, `when`), or `fireTransition`, `tasks`, `state`, `status`, `transition`.",
  })
  at!: string;

  @Field(() => Boolean, { description: "What it says." })
  holds!: boolean;

  @Field(() => Boolean, { description: "Whether it is one of several ways to be allowed: one of them suffices." })
  isAlternative!: boolean;

  @Field(() => String, { description: "The rule as a sentence; of a condition that does not hold, what it saw." })
  message!: string;

  @Field(() => String, { nullable: true, description: "The value that a condition read (`data.estimate`); null for other rules." })
  path!: string | null;
}

@ObjectType({ description: "Why you may fire a transition of an instance now, or why not." })
@Allow(inherit)
export class TransitionExplanation {
  @Field(() => String, { description: "The transition that was asked about." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Its name for people; null when the present state has none of this name." })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "The state that it leads to." })
  to!: string | null;

  @Field(() => Boolean, { description: "What `fireTransition` would say, given comment and input as they are required." })
  allowed!: boolean;

  @Field(() => [RuleVerdict], { description: "Each rule with its verdict, in the order of the definition." })
  verdicts!: RuleVerdict[];

  @Field(() => Boolean, { description: "Whether `fireTransition` needs a comment." })
  requiresComment!: boolean;

  @Field(() => JsonScalar, { nullable: true, description: "JSON Schema of the input; null when there is none." })
  inputSchema!: unknown;
}

/** @param mayFire whether the viewer may fire anything on this instance at all */
export function toTransitionExplanation(explained: Explained, mayFire: boolean): TransitionExplanation {
  const right = {
    rule: "permission",
    at: "fireTransition",
    holds: mayFire,
    isAlternative: false,
    message: "This needs the permission workflow.fire for this instance.",
  };
  return {
    ...explained,
    allowed: explained.allowed && mayFire,
    verdicts: [right, ...explained.verdicts].map((verdict) => ({ path: null, ...verdict })),
  };
}
