import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Args, Ctx, Query, Resolver } from "type-graphql";
import { runScenarios } from "./scenario.service.js";
import { RunScenariosArgs, ScenarioReport } from "./scenario.type.js";

@Resolver()
export class ScenarioResolver {
  @Query(() => ScenarioReport, {
    nullable: true,
    description:
      "Runs the `scenarios` of a definition in memory, as publishing does. Nothing is written. Errors: NOT_FOUND, DEFINITION_INVALID (the source), BAD_USER_INPUT (neither or both of definitionId and source), QUERY_LIMIT_EXCEEDED (computing time).",
  })
  @Allow(can("definition.read"))
  runScenarios(@Args(() => RunScenariosArgs) args: RunScenariosArgs, @Ctx() ctx: Context): Promise<ScenarioReport> {
    return runScenarios(ctx, args);
  }
}

export const scenarioModule: SubgraphModule = { resolvers: { definitions: [ScenarioResolver] } };
