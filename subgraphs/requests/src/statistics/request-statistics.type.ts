import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { EntityStub } from "@weft/api/subgraph";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { Building } from "../buildings/building.type.js";
import { Team } from "../references.js";
import { RequestType } from "../request-types/request-type.type.js";

export enum RequestStatisticsGrouping {
  TYPE = "TYPE",
  BUILDING = "BUILDING",
  PRIORITY = "PRIORITY",
  STATUS = "STATUS",
  TEAM = "TEAM",
}
registerEnumType(RequestStatisticsGrouping, {
  name: "RequestStatisticsGrouping",
  description: "How statistics of requests are grouped. Requests without a value are in no group.",
  valuesConfig: {
    TYPE: { description: "By request type. Requires `requestType.read`." },
    BUILDING: { description: "By building. Requires `building.read`." },
    PRIORITY: { description: "By the field `priority` of the request's data." },
    STATUS: { description: "By the present status of the workflow." },
    TEAM: { description: "By the workflow's team." },
  },
});

@ObjectType({ description: "Time from the creation of requests to their end. All values are exact." })
@Allow(inherit)
export class RequestCycleTime {
  @Field(() => Int, { description: "Number of ended requests." })
  count!: number;

  @Field(() => Float, { nullable: true, description: "Average in seconds. Null if none ended." })
  averageSeconds!: number | null;

  @Field(() => Float, { nullable: true, description: "Median in seconds. Null if none ended." })
  medianSeconds!: number | null;

  @Field(() => Float, { nullable: true, description: "90th percentile in seconds. Null if none ended." })
  p90Seconds!: number | null;
}

@ObjectType({ description: "Sums of requests over a period." })
@Allow(inherit)
export class RequestTotals {
  @Field(() => Int, { description: "Number of requests created in the period, drafts included." })
  created!: number;

  @Field(() => Int, { description: "Number of requests whose workflow reached a final state in the period." })
  closed!: number;

  @Field(() => Int, { description: "Number of requests canceled in the period." })
  cancelled!: number;

  @Field(() => RequestCycleTime, { description: "Time from creation to end of the requests that were closed or canceled in the period." })
  cycleTime!: RequestCycleTime;
}

@ObjectType({ description: "Sums of a group of requests." })
@Allow(inherit)
export class RequestStatisticsGroup {
  @Field(() => RequestType, { nullable: true, description: "Request type, if grouped by type." })
  @Allow(can("requestType.read"))
  type?: RequestType | null;

  @Field(() => Building, { nullable: true, description: "Building, if grouped by building." })
  @Allow(can("building.read"))
  building?: Building | null;

  @Field(() => String, { nullable: true, description: "Priority, if grouped by priority." })
  priority!: string | null;

  @Field(() => WorkflowStatus, { nullable: true, description: "Status, if grouped by status." })
  status!: WorkflowStatus | null;

  @Field(() => Team, { nullable: true, description: "Team, if grouped by team." })
  team!: EntityStub | null;

  @Field(() => RequestTotals, { description: "Sums over the period." })
  totals!: RequestTotals;

  @Field(() => Int, { description: "Number of open requests now." })
  open!: number;
}

@ObjectType({ description: "Requests created and ended on one day." })
@Allow(inherit)
export class RequestThroughput {
  @Field(() => String, { description: "Day in the time zone of the statistics, for example 2026-03-01." })
  date!: string;

  @Field(() => Int, { description: "Number of created requests." })
  created!: number;

  @Field(() => Int, { description: "Number of closed requests." })
  closed!: number;

  @Field(() => Int, { description: "Number of canceled requests." })
  cancelled!: number;
}

@ObjectType({ description: "Statistics of requests in a period." })
@Allow(inherit)
export class RequestStatistics {
  @Field(() => DateTimeScalar, { description: "Start of the period: the given time, or the quarter of an hour before it." })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period: the given time, or the quarter of an hour after it." })
  to!: string;

  @Field(() => String, { description: "Time zone of the days." })
  timeZone!: string;

  @Field(() => RequestTotals, { description: "Sums over the period." })
  totals!: RequestTotals;

  @Field(() => RequestTotals, { description: "Sums over the period of the same length before it, for trends." })
  previous?: RequestTotals;

  @Field(() => Int, { description: "Number of open requests now." })
  open!: number;

  @Field(() => [RequestStatisticsGroup], {
    description: "Groups with the most created requests first, at most 500. Empty without `groupBy`.",
  })
  groups!: RequestStatisticsGroup[];

  @Field(() => [RequestThroughput], { description: "Created and ended requests by day, in order." })
  throughput?: RequestThroughput[];
}
