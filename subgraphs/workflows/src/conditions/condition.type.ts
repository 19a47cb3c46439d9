import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { DefinitionProblem } from "../definitions/definition.type.js";
import { SimulatedActorInput } from "../simulation/simulation.type.js";
import { ConditionFailure } from "./condition-failure.type.js";

@ArgsType()
export class TestConditionArgs {
  @Field(() => JsonScalar, {
    description: 'The condition in CEL (`data.amount <= 5000`) or as a tree (`{ lte: [{ path: "data.amount" }, 5000] }`).',
  })
  condition!: unknown;

  @Field(() => ID, {
    nullable: true,
    description:
      "A version of a definition, which can be a draft. Paths and types are checked against its data schema. If omitted, they are not checked.",
  })
  definitionId?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Sample data (default: an empty object)." })
  data?: unknown;

  @Field(() => SimulatedActorInput, {
    nullable: true,
    description: "Simulated user who fires the transition (default: you, as the owner).",
  })
  as?: SimulatedActorInput | null;
}

@ObjectType({ description: "Result of evaluating a condition with sample data." })
@Allow(inherit)
export class ConditionTest {
  @Field(() => Boolean, { description: "Whether the condition would allow the transition." })
  holds!: boolean;

  @Field(() => [ConditionFailure], { description: "Parts that were not true, at most 20. Empty if the condition holds or has problems." })
  failures!: ConditionFailure[];

  @Field(() => [DefinitionProblem], {
    description: "Reasons why the condition cannot be parsed or can never hold. Paths refer to the tree.",
  })
  problems!: DefinitionProblem[];

  @Field(() => String, { nullable: true, description: "The condition in CEL. Null if it cannot be parsed." })
  text!: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "The condition as a tree, for tools that build conditions. Null if it cannot be parsed.",
  })
  tree!: unknown;
}
