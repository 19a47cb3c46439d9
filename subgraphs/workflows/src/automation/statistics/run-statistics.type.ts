import { allOf, Allow, can, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, Float, InputType, Int, ObjectType } from "type-graphql";
import { Environment } from "../../definitions/life-cycle/environment.type.js";
import { DurationStatistics } from "../../statistics/statistics.type.js";
import { RunUsage } from "../usage/usage.type.js";

@InputType({ description: "Which runs are counted. All conditions must be met." })
export class RunStatisticsFilter {
  @Field(() => DateTimeScalar, { nullable: true, description: "Start of the period. Default: 30 days before its end." })
  from?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "End of the period, not included. Default: now. A period has at most 400 days.",
  })
  to?: string | null;

  @Field(() => String, { nullable: true, description: "Key of a definition." })
  definitionKey?: string | null;

  @Field(() => Environment, { nullable: true, description: "Environment. Default: PROD." })
  environment?: Environment | null;
}

@ObjectType({ description: "Sums over the runs that were created in a period, as they are now." })
@Allow(inherit)
export class RunTotals {
  @Field(() => Int, { description: "Number of runs." })
  created!: number;

  @Field(() => Int, { description: "Number of them that have not ended." })
  unfinished!: number;

  @Field(() => Int, { description: "Number of them that have succeeded." })
  succeeded!: number;

  @Field(() => Int, { description: "Number of them that have failed." })
  failed!: number;

  @Field(() => Int, { description: "Number of them that were canceled." })
  cancelled!: number;

  @Field(() => Float, { nullable: true, description: "Share of the ended runs that have succeeded, from 0 to 1. Null if none has ended." })
  successRate!: number | null;

  @Field(() => DurationStatistics, { description: "Time from the first ready step to the end, of the ended runs." })
  duration!: DurationStatistics;

  @Field(() => Float, { description: "Number of attempts of steps that have begun." })
  attempts!: number;

  @Field(() => RunUsage, { description: "What the attempts have used together. The memory is the most that one of them has used." })
  usage!: RunUsage;
}

@ObjectType({ description: "Runs of one definition." })
@Allow(inherit)
export class RunStatisticsGroup {
  @Field(() => String, { description: "Key of the definition." })
  definitionKey!: string;

  @Field(() => RunTotals, { description: "Sums over its runs." })
  totals!: RunTotals;
}

@ObjectType({ description: "A step whose failure has ended runs." })
@Allow(inherit)
export class FailingStep {
  @Field(() => String, { description: "Key of the definition." })
  definitionKey!: string;

  @Field(() => String, { description: "ID of the step in the definition." })
  step!: string;

  @Field(() => Int, { description: "Number of runs that it has ended." })
  count!: number;
}

@ObjectType({ description: "Statistics of the runs that were created in a period." })
@Allow(allOf(staff, can("workflow.read")))
export class RunStatistics {
  @Field(() => DateTimeScalar, { description: "Start of the period: the given time, or the quarter of an hour before it." })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period: the given time, or the quarter of an hour after it." })
  to!: string;

  @Field(() => RunTotals, { description: "Sums over all runs." })
  totals!: RunTotals;

  @Field(() => [RunStatisticsGroup], { description: "Sums by definition, those with the most runs first, at most 500." })
  definitions!: RunStatisticsGroup[];

  @Field(() => [FailingStep], {
    description: "Steps whose failure has ended runs, most frequent first, at most 50. Items of a list count as their step.",
  })
  failingSteps!: FailingStep[];
}
