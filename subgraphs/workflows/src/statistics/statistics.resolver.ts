import type { Context } from "@weft/api/context";
import { Cost } from "@weft/api/cost";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { loadState } from "../definitions/state.loader.js";
import { totalsOf } from "../sla/report/sla-report.service.js";
import { SlaTotals } from "../sla/report/sla-report.type.js";
import { WorkflowStatisticsFilter } from "./statistics.input.js";
import {
  readBottleneck,
  readPrevious,
  readPreviousSla,
  readSla,
  readStatistics,
  readThroughput,
  readWorkload,
  type CountedGroup,
  type CountedStatistics,
} from "./statistics.service.js";
import {
  StatisticsGrouping,
  UserWorkload,
  WorkflowBottleneck,
  WorkflowStateStatistics,
  WorkflowStatistics,
  WorkflowStatisticsGroup,
  WorkflowThroughput,
  WorkflowTotals,
} from "./statistics.type.js";

@Resolver(() => WorkflowStatistics)
export class StatisticsResolver {
  @Query(() => WorkflowStatistics, {
    nullable: true,
    description:
      "Statistics of instances. With `workflow.read` in scope TENANT, of all instances of the organization; with a narrower scope, of the instances that you can see, at most 20,000. An instance counts under its current definition version, team and assignee. Errors: BAD_USER_INPUT, FORBIDDEN (users of vendors), QUERY_LIMIT_EXCEEDED (narrow the filter or the period).",
  })
  @Allow(can("workflow.read"))
  @Cost(50)
  workflowStatistics(
    @Arg("filter", () => WorkflowStatisticsFilter, { nullable: true, description: "What is counted, and the period." })
    filter: WorkflowStatisticsFilter | null | undefined,
    @Arg("groupBy", () => StatisticsGrouping, { nullable: true, description: "Adds sums by group." })
    groupBy: StatisticsGrouping | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<WorkflowStatistics> {
    return readStatistics(ctx, filter ?? {}, groupBy ?? null);
  }

  @FieldResolver(() => WorkflowTotals)
  previous(@Root() statistics: CountedStatistics, @Ctx() ctx: Context): Promise<WorkflowTotals> {
    return readPrevious(ctx, statistics);
  }

  @FieldResolver(() => [WorkflowThroughput])
  throughput(@Root() statistics: CountedStatistics, @Ctx() ctx: Context): Promise<WorkflowThroughput[]> {
    return readThroughput(ctx, statistics);
  }

  @FieldResolver(() => SlaTotals, { nullable: true })
  async sla(@Root() statistics: CountedStatistics, @Ctx() ctx: Context): Promise<SlaTotals> {
    return totalsOf((await readSla(ctx, statistics)).find(({ kind }) => kind === "total"));
  }

  @FieldResolver(() => SlaTotals, { nullable: true })
  async previousSla(@Root() statistics: CountedStatistics, @Ctx() ctx: Context): Promise<SlaTotals> {
    return totalsOf((await readPreviousSla(ctx, statistics)).find(({ kind }) => kind === "total"));
  }

  @FieldResolver(() => WorkflowBottleneck, { nullable: true })
  bottleneck(@Root() statistics: CountedStatistics, @Ctx() ctx: Context): Promise<WorkflowBottleneck | null> {
    return readBottleneck(ctx, statistics);
  }

  @FieldResolver(() => [UserWorkload])
  workload(@Root() statistics: CountedStatistics, @Ctx() ctx: Context): Promise<UserWorkload[]> {
    return readWorkload(ctx, statistics);
  }
}

@Resolver(() => WorkflowStatisticsGroup)
export class StatisticsGroupResolver {
  @FieldResolver(() => SlaTotals, { nullable: true })
  async sla(@Root() { statistics, group }: CountedGroup, @Ctx() ctx: Context): Promise<SlaTotals> {
    return totalsOf((await readSla(ctx, statistics)).find((sum) => sum.kind === "group" && sum.group === group));
  }
}

@Resolver(() => WorkflowStateStatistics)
export class StateStatisticsResolver {
  @FieldResolver(() => String)
  async stateTitle(@Root() place: WorkflowStateStatistics, @Ctx() ctx: Context): Promise<string> {
    return (await loadState(ctx, place)).title;
  }

  @FieldResolver(() => Boolean)
  async isEnded(@Root() place: WorkflowStateStatistics, @Ctx() ctx: Context): Promise<boolean> {
    return (await loadState(ctx, place)).isEnded;
  }
}

@Resolver(() => WorkflowBottleneck)
export class BottleneckResolver {
  @FieldResolver(() => String)
  async stateTitle(@Root() place: WorkflowBottleneck, @Ctx() ctx: Context): Promise<string> {
    return (await loadState(ctx, place)).title;
  }
}

export const statisticsModule: SubgraphModule = {
  resolvers: { workflows: [StatisticsResolver, StatisticsGroupResolver, StateStatisticsResolver, BottleneckResolver] },
};
