import type { Context } from "@weft/api/context";
import { Cost } from "@weft/api/cost";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Args, Ctx, Query, Resolver } from "type-graphql";
import { simulateWorkflow } from "./simulation.service.js";
import { SimulateWorkflowArgs, Simulation } from "./simulation.type.js";

@Resolver()
export class SimulationResolver {
  @Query(() => Simulation, {
    nullable: true,
    description:
      "Simulates firing transitions of a definition, and the steps that its states run. Nothing is called, and nothing is written. Errors: NOT_FOUND, DEFINITION_INVALID (the source), BAD_USER_INPUT (data, stubs, more than 200 steps, neither or both of definitionId and source).",
  })
  @Allow(can("definition.read"))
  @Cost(100)
  simulateWorkflow(@Args(() => SimulateWorkflowArgs) args: SimulateWorkflowArgs, @Ctx() ctx: Context): Promise<Simulation> {
    return simulateWorkflow(ctx, args);
  }
}

export const simulationModule: SubgraphModule = { resolvers: { definitions: [SimulationResolver] } };
