import { Allow, inherit } from "@weft/api/rules";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { DefinitionFormat, DefinitionProblem } from "../definitions/definition.type.js";

@ArgsType()
export class RunScenariosArgs {
  @Field(() => ID, {
    nullable: true,
    description: "ID of a version of a definition, which can be a draft. Pass either `definitionId` or `source`.",
  })
  definitionId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A definition as YAML or JSON text, at most 1 MB. Pass either `definitionId` or `source`.",
  })
  source?: string | null;

  @Field(() => DefinitionFormat, { nullable: true, description: "Format of `source`. Detected if omitted." })
  format?: DefinitionFormat | null;
}

@ObjectType({ description: "Result of one scenario. Nothing is written." })
@Allow(inherit)
export class ScenarioResult {
  @Field(() => String, { description: "Name of the scenario in the definition." })
  name!: string;

  @Field(() => Boolean, { description: "Whether all expectations were met." })
  isPassed!: boolean;

  @Field(() => [String], { description: "The states in the order in which they were entered. Empty if the instance could not be started." })
  path!: string[];

  @Field(() => WorkflowStatus, { nullable: true, description: "State at the end. Null if the instance could not be started." })
  status!: WorkflowStatus | null;

  @Field(() => [DefinitionProblem], {
    description: "Unmet expectations, each with its location in the source. A step that fails is the last one.",
  })
  failures!: DefinitionProblem[];
}

@ObjectType({ description: "Result of `runScenarios`." })
@Allow(inherit)
export class ScenarioReport {
  @Field(() => Boolean, { description: "Whether all scenarios passed. True if there are none." })
  isPassed!: boolean;

  @Field(() => [ScenarioResult], { description: "Results in the order of the definition, at most 50." })
  scenarios!: ScenarioResult[];
}
