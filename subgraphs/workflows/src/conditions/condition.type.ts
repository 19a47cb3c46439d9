import { Allow, inherit, JsonScalar } from "@weft/shared";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { DefinitionProblem } from "../definitions/definition.type.js";
import { SimulatedActorInput } from "../simulation/simulation.type.js";

@ArgsType()
export class TestConditionArgs {
  @Field(() => JsonScalar, { description: 'In CEL (`data.amount <= 5000`), or as a tree (`{ lte: [{ path: "data.amount" }, 5000] }`).' })
  condition!: unknown;

  @Field(() => ID, {
    nullable: true,
    description: "A version of a definition, a draft too: paths and types are checked against its data. Absent: anything may be there.",
  })
  definitionId?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "The data to try it with; an empty object when absent." })
  data?: unknown;

  @Field(() => SimulatedActorInput, { nullable: true, description: "Who would fire; absent: you, as the owner." })
  as?: SimulatedActorInput | null;
}

@ObjectType({ description: "A part of a condition that was not true." })
@Allow(inherit)
export class ConditionFailure {
  @Field(() => String, { description: "A sentence with the values, for instance: data.amount is 7000, but must be at most 5000." })
  message!: string;

  @Field(() => String, {
    nullable: true,
    description: "The value that it reads, for instance data.amount; null when it reads more than one.",
  })
  path!: string | null;
}

@ObjectType({ description: "What becomes of a condition with some data." })
@Allow(inherit)
export class ConditionTest {
  @Field(() => Boolean, { description: "Whether a transition with this condition would be open." })
  holds!: boolean;

  @Field(() => [ConditionFailure], { description: "Every part that was not true, at most 20; empty when it holds or has problems." })
  failures!: ConditionFailure[];

  @Field(() => [DefinitionProblem], { description: "Why it cannot be read, or could never hold; paths lead into the tree." })
  problems!: DefinitionProblem[];

  @Field(() => String, { nullable: true, description: "The condition in CEL; null when it cannot be read." })
  text!: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "The condition as a tree, for tools that build it; null when it cannot be read.",
  })
  tree!: unknown;
}
