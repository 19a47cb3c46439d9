import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { EntityStub } from "@weft/api/subgraph";
import { Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { Team, User, Vendor } from "../../principals/principal.type.js";
import { RequestType } from "../../subjects/subject.type.js";

export enum SlaReportGrouping {
  DEFINITION = "DEFINITION",
  VERSION = "VERSION",
  SLA = "SLA",
  REQUEST_TYPE = "REQUEST_TYPE",
  TEAM = "TEAM",
  USER = "USER",
  VENDOR = "VENDOR",
  PRIORITY = "PRIORITY",
}
registerEnumType(SlaReportGrouping, {
  name: "SlaReportGrouping",
  description: "How an SLA report is grouped. Clocks without the property are in no group.",
  valuesConfig: {
    DEFINITION: { description: "By definition." },
    VERSION: { description: "By version of a definition." },
    SLA: { description: "By SLA of a definition." },
    REQUEST_TYPE: { description: "By type of the request." },
    TEAM: { description: "By the instance's team." },
    USER: { description: "By the user to whom the instance is assigned. For the clock of a task, the user to whom the task is assigned." },
    VENDOR: { description: "By the vendor to whom the instance is assigned." },
    PRIORITY: { description: "By the value of `priority` in the instance's data." },
  },
});

export enum SlaReportInterval {
  DAY = "DAY",
  WEEK = "WEEK",
}
registerEnumType(SlaReportInterval, {
  name: "SlaReportInterval",
  description: "Length of the intervals of a trend.",
  valuesConfig: { DAY: { description: "Days." }, WEEK: { description: "Weeks, which begin on Monday." } },
});

@ObjectType({
  description: "SLA clocks of a period. A clock counts when it ends, or if it still runs or is paused, when it reached its target.",
})
@Allow(inherit)
export class SlaTotals {
  @Field(() => Int, { description: "Number of clocks that stopped before their target." })
  met!: number;

  @Field(() => Int, { description: "Number of clocks that stopped after their target." })
  missed!: number;

  @Field(() => Int, { description: "Number of clocks that reached their target and have not stopped." })
  breachedOpen!: number;

  @Field(() => Int, { description: "Number of clocks that were canceled. They do not affect the compliance rate." })
  cancelled!: number;

  @Field(() => Float, {
    nullable: true,
    description: "Share of the clocks that met their target, from 0 to 1: `met / (met + missed + breachedOpen)`. Null if there are none.",
  })
  complianceRate!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Median of the working seconds that clocks had consumed when they stopped. Null if none stopped.",
  })
  medianConsumedSeconds!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "90th percentile of the working seconds that clocks had consumed when they stopped. Null if none stopped.",
  })
  p90ConsumedSeconds!: number | null;
}

@ObjectType({ description: "SLA clocks of a group." })
@Allow(inherit)
export class SlaReportGroup {
  @Field(() => String, { nullable: true, description: "Key of the definition, if grouped by definition, version, or SLA." })
  definitionKey!: string | null;

  @Field(() => Int, { nullable: true, description: "Version number, if grouped by version." })
  definitionVersion!: number | null;

  @Field(() => String, { nullable: true, description: "Name of the SLA, if grouped by SLA." })
  name!: string | null;

  @Field(() => RequestType, { nullable: true, description: "Type of the request, if grouped by request type. Null if you cannot see it." })
  requestType!: RequestType | null;

  @Field(() => Team, { nullable: true, description: "Team, if grouped by team." })
  team!: EntityStub | null;

  @Field(() => User, { nullable: true, description: "User, if grouped by user." })
  user!: EntityStub | null;

  @Field(() => Vendor, { nullable: true, description: "Vendor, if grouped by vendor." })
  vendor!: EntityStub | null;

  @Field(() => String, { nullable: true, description: "Priority, if grouped by priority." })
  priority!: string | null;

  @Field(() => SlaTotals, { description: "Sums over the period." })
  totals!: SlaTotals;
}

@ObjectType({ description: "SLA clocks of a day or a week." })
@Allow(inherit)
export class SlaTrendPoint {
  @Field(() => String, { description: "First day in the time zone of the report, for example 2026-03-02." })
  date!: string;

  @Field(() => SlaTotals, { description: "Sums over the interval, as far as it is in the period." })
  totals!: SlaTotals;
}

@ObjectType({ description: "Breaches by hour of the week." })
@Allow(inherit)
export class SlaBreachTime {
  @Field(() => Int, { description: "Day of the week, from 1 (Monday) to 7 (Sunday)." })
  weekday!: number;

  @Field(() => Int, { description: "Hour of the day, from 0 to 23." })
  hour!: number;

  @Field(() => Int, { description: "Number of missed and breached clocks that reached their target in this hour." })
  count!: number;
}

@ObjectType({ description: "Compliance with service-level agreements in a period." })
@Allow(inherit)
export class SlaReport {
  @Field(() => DateTimeScalar, { description: "Start of the period." })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period, not included." })
  to!: string;

  @Field(() => String, { description: "Time zone of days, weeks, and hours." })
  timeZone!: string;

  @Field(() => SlaTotals, { description: "Sums over the period." })
  totals!: SlaTotals;

  @Field(() => [SlaReportGroup], { description: "Sums by group, most clocks first, at most 500. Empty without `groupBy`." })
  groups!: SlaReportGroup[];

  @Field(() => [SlaTrendPoint], { description: "Sums by day or week, in order, without gaps." })
  trend!: SlaTrendPoint[];

  @Field(() => [SlaBreachTime], { description: "Breaches by hour of the week. Hours without breaches are omitted." })
  breachTimes!: SlaBreachTime[];
}
