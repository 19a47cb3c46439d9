import type { Context } from "@weft/api/context";
import { Cost } from "@weft/api/cost";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { readRunStatistics } from "./run-statistics.service.js";
import { RunStatistics, RunStatisticsFilter } from "./run-statistics.type.js";

@Resolver(() => RunStatistics)
export class RunStatisticsResolver {
  @Query(() => RunStatistics, {
    nullable: true,
    description:
      "Statistics of the runs of steps that you can see and that were created in a period. In the period, the tenant, or the definition of the filter, may have at most 100,000 runs. Errors: BAD_USER_INPUT, QUERY_LIMIT_EXCEEDED (choose a shorter period).",
  })
  @Allow(allOf(staff, can("workflow.read")))
  @Cost(50)
  runStatistics(
    @Arg("filter", () => RunStatisticsFilter, { nullable: true, description: "Which runs are counted, and the period." })
    filter: RunStatisticsFilter | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<RunStatistics> {
    return readRunStatistics(ctx, filter ?? {});
  }
}

export const runStatisticsModule: SubgraphModule = { resolvers: { automation: [RunStatisticsResolver] } };
