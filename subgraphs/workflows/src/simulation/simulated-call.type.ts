import type { MadeCall } from "@weft/engine";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, InputType, Int, ObjectType, registerEnumType } from "type-graphql";

export enum SimulatedCallOutcome {
  PENDING = "PENDING",
  WAITING = "WAITING",
  DONE = "DONE",
  SKIPPED = "SKIPPED",
  FAILED = "FAILED",
}
registerEnumType(SimulatedCallOutcome, {
  name: "SimulatedCallOutcome",
  description: "Outcomes of calls of integrations in a simulation.",
  valuesConfig: {
    PENDING: { description: "No step has given the call a result." },
    WAITING: { description: "The result would wait until the incident of the instance is resolved." },
    DONE: { description: "The result would have its effect, or the failure would fire its transition." },
    SKIPPED: { description: "The result would come too late, or nothing would be done. `reason` says why." },
    FAILED: { description: "The result would stop the instance with an incident. `reason` says why." },
  },
});

@InputType({ description: "The result of a call of an integration in a simulation. Nothing is sent." })
export class SimulatedCallResultInput {
  @Field(() => String, { description: "Key of the integration." })
  integrationKey!: string;

  @Field(() => String, { description: "Key of the action." })
  action!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      "Number of the call among all those of this action, starting at 1. By default, it is the first open call of the current visit of the state, otherwise the first open one.",
  })
  number?: number | null;

  @Field(() => JsonScalar, { nullable: true, description: "Result with which the call succeeds (default: null)." })
  result?: unknown;

  @Field(() => String, { nullable: true, description: "Why the call fails. Pass either `result` or `failure`. At most 2,000 characters." })
  failure?: string | null;
}

@ObjectType({ description: "A call of an integration that an instance would make." })
@Allow(inherit)
export class SimulatedCall {
  @Field(() => String, { description: "Key of the integration." })
  integrationKey!: string;

  @Field(() => String, { description: "Key of the action." })
  action!: string;

  @Field(() => JsonScalar, { description: "Input of the action." })
  input!: unknown;

  @Field(() => DateTimeScalar, { description: "Time at which the call would be made." })
  at!: string;

  @Field(() => SimulatedCallOutcome, { description: "Outcome." })
  outcome!: SimulatedCallOutcome;

  @Field(() => String, {
    nullable: true,
    description: "Why the result would be skipped or would stop the instance. Null for other outcomes.",
  })
  reason!: string | null;
}

export const toSimulatedCall = ({ integration, action, input, at, outcome, reason }: MadeCall): SimulatedCall => ({
  integrationKey: integration,
  action,
  input,
  at,
  outcome: outcome as SimulatedCallOutcome,
  reason,
});
