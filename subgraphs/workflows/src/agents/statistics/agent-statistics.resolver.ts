import type { Context } from "@weft/api/context";
import { Cost } from "@weft/api/cost";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Args, Ctx, Query, Resolver } from "type-graphql";
import { readAgentStatistics } from "./agent-statistics.service.js";
import { AgentStatistics, AgentStatisticsArgs } from "./agent-statistics.type.js";

@Resolver(() => AgentStatistics)
export class AgentStatisticsResolver {
  @Query(() => [AgentStatistics], {
    nullable: true,
    description:
      "What agents have used in a period: calls, tokens, cost and time. At most 200 groups, most calls first. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("agent.read"))
  @Cost(50)
  agentStatistics(@Args(() => AgentStatisticsArgs) args: AgentStatisticsArgs, @Ctx() ctx: Context): Promise<AgentStatistics[]> {
    return readAgentStatistics(ctx, args);
  }
}

export const agentStatisticsModule: SubgraphModule = { resolvers: { agents: [AgentStatisticsResolver] } };
