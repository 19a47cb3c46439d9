import { Allow, inherit, WorkflowStatus } from "@weft/shared";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { DefinitionFormat, DefinitionProblem } from "../definitions/definition.type.js";

@ArgsType()
export class RunScenariosArgs {
  @Field(() => ID, { nullable: true, description: "A version of a definition, a draft too …" })
  definitionId?: string | null;

  @Field(() => String, { nullable: true, description: "… or the text of one, YAML or JSON, at most 1 MB." })
  source?: string | null;

  @Field(() => DefinitionFormat, { nullable: true, description: "Of `source`; guessed when absent." })
  format?: DefinitionFormat | null;
}

@ObjectType({ description: "What became of one scenario. Nothing of it was written." })
@Allow(inherit)
export class ScenarioResult {
  @Field(() => String, { description: "As the definition calls it." })
  name!: string;

  @Field(() => Boolean, { description: "Whether all was as it says." })
  isPassed!: boolean;

  @Field(() => [String], { description: "The states in the order in which they were entered; empty when it could not be started." })
  path!: string[];

  @Field(() => WorkflowStatus, { nullable: true, description: "At the end; null when it could not be started." })
  status!: WorkflowStatus | null;

  @Field(() => [DefinitionProblem], {
    description: "What was not as it says, each with its place in the text. A step that fails is the last one.",
  })
  failures!: DefinitionProblem[];
}

@ObjectType({ description: "What `runScenarios` found." })
@Allow(inherit)
export class ScenarioReport {
  @Field(() => Boolean, { description: "Whether all passed; true also when there are none." })
  isPassed!: boolean;

  @Field(() => [ScenarioResult], { description: "In the order of the definition, at most 50." })
  scenarios!: ScenarioResult[];
}
