import { Allow, canInTenant } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { ArgsType, Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";

export const AgentStatisticsGrouping = { AGENT: "AGENT", DEFINITION: "DEFINITION", MODEL: "MODEL", RUN: "RUN" } as const;
export type AgentStatisticsGrouping = keyof typeof AgentStatisticsGrouping;
registerEnumType(AgentStatisticsGrouping, {
  name: "AgentStatisticsGrouping",
  description: "What the use of models is grouped by.",
  valuesConfig: {
    AGENT: { description: "The agent that asked the model, by its key." },
    DEFINITION: { description: "The definition, by its key." },
    MODEL: { description: "The model." },
    RUN: { description: "The run." },
  },
});

@ArgsType()
export class AgentStatisticsArgs {
  @Field(() => DateTimeScalar, { description: "Start of the period." })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period, at most 400 days later. It does not belong to it." })
  to!: string;

  @Field(() => AgentStatisticsGrouping, { nullable: true, description: "Grouping. Omitted: the whole tenant as one group." })
  groupBy?: AgentStatisticsGrouping | null;
}

@ObjectType({ description: "What agents have used." })
@Allow(canInTenant("agent.read"))
export class AgentStatistics {
  @Field(() => String, { description: "Key of the agent or definition, name of the model, or ID of the run. Empty for the whole tenant." })
  group!: string;

  @Field(() => Int, { description: "Number of calls of models, those without an answer included." })
  calls!: number;

  @Field(() => Int, { description: "Number of calls that failed or were lost." })
  failedCalls!: number;

  @Field(() => Float, { description: "Tokens of the requests." })
  tokensIn!: number;

  @Field(() => Float, { description: "Tokens of the answers." })
  tokensOut!: number;

  @Field(() => Float, { description: "Cost in millionths of a US dollar, without the calls whose price is unknown." })
  costMicros!: number;

  @Field(() => Int, { description: "Number of calls whose price is unknown." })
  unpricedCalls!: number;

  @Field(() => Float, { description: "Time of the calls together, in milliseconds." })
  durationMs!: number;
}
