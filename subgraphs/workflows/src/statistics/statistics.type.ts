import { Allow, can, canInTenant, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { EntityStub } from "@weft/api/subgraph";
import { Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { Team, User, Vendor } from "../principals/principal.type.js";
import { SlaTotals } from "../sla/report/sla-report.type.js";

export enum StatisticsGrouping {
  DEFINITION = "DEFINITION",
  VERSION = "VERSION",
  TEAM = "TEAM",
  USER = "USER",
  VENDOR = "VENDOR",
}
registerEnumType(StatisticsGrouping, {
  name: "StatisticsGrouping",
  description: "How statistics are grouped.",
  valuesConfig: {
    DEFINITION: { description: "By definition." },
    VERSION: { description: "By version of a definition." },
    TEAM: { description: "By the instance's team. Instances without a team are in no group." },
    USER: { description: "By the user to whom the instance is assigned." },
    VENDOR: { description: "By the vendor to whom the instance is assigned." },
  },
});

export enum BottleneckReason {
  LONG_STAYS = "LONG_STAYS",
  REPEATED_STAYS = "REPEATED_STAYS",
}
registerEnumType(BottleneckReason, {
  name: "BottleneckReason",
  description: "Why a state takes the largest share of the time.",
  valuesConfig: {
    LONG_STAYS: { description: "Instances stay long each time." },
    REPEATED_STAYS: { description: "Instances come back: on average, at least half of them enter the state a second time." },
  },
});

@ObjectType({
  description: "Durations. The average is exact. Quantiles are read from bins and differ from the exact value by at most 1 %.",
})
@Allow(inherit)
export class DurationStatistics {
  @Field(() => Int, { description: "Number of durations." })
  count!: number;

  @Field(() => Float, { nullable: true, description: "Average in seconds. Null if there are no durations." })
  averageSeconds!: number | null;

  @Field(() => Float, { nullable: true, description: "Median in seconds. Null if there are no durations." })
  medianSeconds!: number | null;

  @Field(() => Float, { nullable: true, description: "90th percentile in seconds. Null if there are no durations." })
  p90Seconds!: number | null;
}

@ObjectType({ description: "Sums over a period." })
@Allow(inherit)
export class WorkflowTotals {
  @Field(() => Int, { description: "Number of instances started in the period." })
  started!: number;

  @Field(() => Int, { description: "Number of instances completed in the period." })
  completed!: number;

  @Field(() => Int, { description: "Number of instances that ended in a state with `final: rejected` in the period." })
  rejected!: number;

  @Field(() => Int, { description: "Number of instances canceled in the period." })
  cancelled!: number;

  @Field(() => Float, { nullable: true, description: "Share of the ended instances that were completed, from 0 to 1. Null if none ended." })
  successRate!: number | null;

  @Field(() => DurationStatistics, { description: "Time from start to end of the instances that ended in the period." })
  cycleTime!: DurationStatistics;
}

@ObjectType({ description: "Sums of a group." })
@Allow(inherit)
export class WorkflowStatisticsGroup {
  @Field(() => String, { nullable: true, description: "Key of the definition, if grouped by definition or version." })
  definitionKey!: string | null;

  @Field(() => Int, { nullable: true, description: "Version number, if grouped by version." })
  definitionVersion!: number | null;

  @Field(() => Team, { nullable: true, description: "Team, if grouped by team." })
  team!: EntityStub | null;

  @Field(() => User, { nullable: true, description: "User, if grouped by user." })
  user!: EntityStub | null;

  @Field(() => Vendor, { nullable: true, description: "Vendor, if grouped by vendor." })
  vendor!: EntityStub | null;

  @Field(() => WorkflowTotals, { description: "Sums over the period." })
  totals!: WorkflowTotals;

  @Field(() => Int, { description: "Number of unfinished instances now." })
  unfinished!: number;

  @Field(() => SlaTotals, { nullable: true, description: "SLA clocks of the group in the period." })
  @Allow(can("sla.read"))
  sla?: SlaTotals | null;
}

@ObjectType({ description: "Instances started and ended on one day." })
@Allow(inherit)
export class WorkflowThroughput {
  @Field(() => String, { description: "Day in the time zone of the statistics, for example 2026-03-01." })
  date!: string;

  @Field(() => Int, { description: "Number of started instances." })
  started!: number;

  @Field(() => Int, { description: "Number of completed instances." })
  completed!: number;

  @Field(() => Int, { description: "Number of rejected instances." })
  rejected!: number;

  @Field(() => Int, { description: "Number of canceled instances." })
  cancelled!: number;
}

@ObjectType({ description: "Instances in a state, and the time that they spent in it." })
@Allow(inherit)
export class WorkflowStateStatistics {
  @Field(() => String, { description: "Key of the definition." })
  definitionKey!: string;

  @Field(() => String, { description: "State." })
  state!: string;

  @Field(() => String, { description: "Display name of the state." })
  stateTitle?: string;

  @Field(() => Boolean, {
    description: "Whether the work counts as ended in the state (`closed: true`), although transitions still lead out of it.",
  })
  isEnded?: boolean;

  @Field(() => Int, { description: "Number of running instances in the state now." })
  running!: number;

  @Field(() => Int, { description: "Number of suspended instances in the state now." })
  suspended!: number;

  @Field(() => Int, { description: "Number of instances in the state now that an incident has stopped." })
  failed!: number;

  @Field(() => DurationStatistics, { description: "Time in the state, of the stays that ended in the period." })
  time!: DurationStatistics;

  @Field(() => Float, { nullable: true, description: "Share of the time of all stays of the definition, from 0 to 1. Null if none ended." })
  share!: number | null;
}

@ObjectType({ description: "How often a state was left for another one." })
@Allow(inherit)
export class WorkflowTransitionStatistics {
  @Field(() => String, { description: "Key of the definition." })
  definitionKey!: string;

  @Field(() => String, { description: "State that was left." })
  from!: string;

  @Field(() => String, { description: "State that was entered. The same state for cancellations." })
  to!: string;

  @Field(() => String, { nullable: true, description: "Name of the transition. Null for interventions, such as a rollback." })
  transition!: string | null;

  @Field(() => String, { description: "Kind of the history entry: TRANSITION, CANCELLATION, ROLLBACK, MIGRATION and others." })
  kind!: string;

  @Field(() => Int, { description: "Number of times." })
  count!: number;

  @Field(() => Float, { description: "Share of all departures from the state, from 0 to 1." })
  share!: number;
}

@ObjectType({ description: "The state that takes the largest share of the time, apart from those in which the work counts as ended." })
@Allow(inherit)
export class WorkflowBottleneck {
  @Field(() => String, { description: "Key of the definition." })
  definitionKey!: string;

  @Field(() => String, { description: "State." })
  state!: string;

  @Field(() => String, { description: "Display name of the state." })
  stateTitle?: string;

  @Field(() => Float, { description: "Share of the time of these stays, from 0 to 1." })
  share!: number;

  @Field(() => BottleneckReason, { description: "Why." })
  reason!: BottleneckReason;

  @Field(() => Float, {
    nullable: true,
    description: "Average number of stays in the state per instance that ended in the period. Null if none ended.",
  })
  staysPerInstance!: number | null;

  @Field(() => DurationStatistics, { description: "Time in the state." })
  time!: DurationStatistics;
}

@ObjectType({ description: "Work of a user." })
@Allow(inherit)
export class UserWorkload {
  @Field(() => User, { nullable: true, description: "User. Null if you cannot see the user." })
  user!: EntityStub | null;

  @Field(() => Int, { description: "Number of tasks that the user has claimed and not completed." })
  claimed!: number;

  @Field(() => Int, { description: "Number of them that are overdue." })
  overdue!: number;

  @Field(() => Int, { description: "Number of tasks that the user completed in the period." })
  completed!: number;
}

@ObjectType({ description: "Statistics of instances in a period." })
@Allow(inherit)
export class WorkflowStatistics {
  @Field(() => DateTimeScalar, { description: "Start of the period: the given time, or the quarter of an hour before it." })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period: the given time, or the quarter of an hour after it." })
  to!: string;

  @Field(() => String, { description: "Time zone of the days." })
  timeZone!: string;

  @Field(() => Int, {
    description:
      "Number of events that are not counted yet. Normally 0: the statistics contain every change that was committed before the query. After a large import or an upgrade, older events are counted in the background.",
  })
  pendingEvents!: number;

  @Field(() => WorkflowTotals, { description: "Sums over the period." })
  totals!: WorkflowTotals;

  @Field(() => WorkflowTotals, { description: "Sums over the period of the same length before it, for trends." })
  previous?: WorkflowTotals;

  @Field(() => Int, { description: "Number of unfinished instances now." })
  unfinished!: number;

  @Field(() => [WorkflowStatisticsGroup], {
    description: "Groups with the most started instances first, at most 500. Empty without `groupBy`.",
  })
  groups!: WorkflowStatisticsGroup[];

  @Field(() => SlaTotals, {
    nullable: true,
    description:
      "SLA clocks that ended in the period, or reached their target in it and have not ended. Of the instances that `sla.read` reaches.",
  })
  @Allow(can("sla.read"))
  sla?: SlaTotals | null;

  @Field(() => SlaTotals, { nullable: true, description: "SLA clocks of the period of the same length before it, for trends." })
  @Allow(can("sla.read"))
  previousSla?: SlaTotals | null;

  @Field(() => [WorkflowThroughput], { description: "Started and ended instances by day, in order." })
  throughput?: WorkflowThroughput[];

  @Field(() => [WorkflowStateStatistics], { description: "States in which instances are or were, with the most time first." })
  states!: WorkflowStateStatistics[];

  @Field(() => [WorkflowTransitionStatistics], { description: "Transitions and interventions, most frequent first." })
  transitions!: WorkflowTransitionStatistics[];

  @Field(() => WorkflowBottleneck, {
    nullable: true,
    description:
      "The state that takes the most time, apart from those in which the work counts as ended. Null if no other stay ended in the period.",
  })
  bottleneck?: WorkflowBottleneck | null;

  @Field(() => [UserWorkload], {
    nullable: true,
    description:
      "Work by user, with the most claimed tasks first, at most 500 users. Only for users who can see all tasks (`task.read` in scope `TENANT`).",
  })
  @Allow(canInTenant("task.read"))
  workload?: UserWorkload[] | null;
}
