import type { Context } from "@weft/api/context";
import { Cost } from "@weft/api/cost";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { buildingLoader } from "../buildings/building.loader.js";
import { Building } from "../buildings/building.type.js";
import { requestTypeLoader } from "../request-types/request-type.loader.js";
import { RequestType } from "../request-types/request-type.type.js";
import { RequestStatisticsFilter } from "./request-statistics.input.js";
import {
  readPreviousRequests,
  readRequestStatistics,
  readRequestThroughput,
  type CountedGroup,
  type CountedRequests,
} from "./request-statistics.service.js";
import {
  RequestStatistics,
  RequestStatisticsGroup,
  RequestStatisticsGrouping,
  RequestThroughput,
  RequestTotals,
} from "./request-statistics.type.js";

@Resolver(() => RequestStatistics)
export class RequestStatisticsResolver {
  @Query(() => RequestStatistics, {
    nullable: true,
    description:
      "Statistics of the requests that you can see, at most 100,000: those that are open, and those that ended in the period or after it. Errors: BAD_USER_INPUT, FORBIDDEN (users of vendors), QUERY_LIMIT_EXCEEDED (narrow the filter or the period).",
  })
  @Allow(can("request.read"))
  @Cost(50)
  requestStatistics(
    @Arg("filter", () => RequestStatisticsFilter, { nullable: true, description: "What is counted, and the period." })
    filter: RequestStatisticsFilter | null | undefined,
    @Arg("groupBy", () => RequestStatisticsGrouping, { nullable: true, description: "Adds sums by group." })
    groupBy: RequestStatisticsGrouping | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<RequestStatistics> {
    return readRequestStatistics(ctx, filter ?? {}, groupBy ?? null);
  }

  @FieldResolver(() => RequestTotals)
  previous(@Root() counted: CountedRequests, @Ctx() ctx: Context): Promise<RequestTotals> {
    return readPreviousRequests(ctx, counted);
  }

  @FieldResolver(() => [RequestThroughput])
  throughput(@Root() counted: CountedRequests, @Ctx() ctx: Context): Promise<RequestThroughput[]> {
    return readRequestThroughput(ctx, counted);
  }
}

@Resolver(() => RequestStatisticsGroup)
export class RequestStatisticsGroupResolver {
  @FieldResolver(() => RequestType, { nullable: true })
  async type(@Root() { typeId }: CountedGroup, @Ctx() ctx: Context): Promise<RequestType | null> {
    return typeId === null ? null : requestTypeLoader(ctx).load(typeId);
  }

  @FieldResolver(() => Building, { nullable: true })
  async building(@Root() { buildingId }: CountedGroup, @Ctx() ctx: Context): Promise<Building | null> {
    return buildingId === null ? null : buildingLoader(ctx).load(buildingId);
  }
}

export const requestStatisticsModule: SubgraphModule = {
  resolvers: { requests: [RequestStatisticsResolver, RequestStatisticsGroupResolver] },
};
