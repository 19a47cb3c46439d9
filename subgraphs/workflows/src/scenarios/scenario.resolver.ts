import { Allow, can, type Context } from "@weft/shared";
import { Args, Ctx, Query, Resolver } from "type-graphql";
import { runScenarios } from "./scenario.service.js";
import { RunScenariosArgs, ScenarioReport } from "./scenario.type.js";

@Resolver()
export class ScenarioResolver {
  @Query(() => ScenarioReport, {
    nullable: true,
    description:
      "Runs the `scenarios` of a definition in memory, as publishing does; nothing is written. Errors: NOT_FOUND, DEFINITION_INVALID (the text), BAD_USER_INPUT (neither or both of definitionId and source), QUERY_LIMIT_EXCEEDED (they compute too long).",
  })
  @Allow(can("definition.read"))
  runScenarios(@Args(() => RunScenariosArgs) args: RunScenariosArgs, @Ctx() ctx: Context): Promise<ScenarioReport> {
    return runScenarios(ctx, args);
  }
}
