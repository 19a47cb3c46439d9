import { allOf, staff, Allow, can } from "@weft/shared";
import type { StepUsage } from "@weft/engine";
import { Field, Float, ObjectType } from "type-graphql";

@ObjectType({ description: "What the work of steps has used, as far as their types measure it. Unmeasured amounts are 0." })
@Allow(allOf(staff, can("workflow.read")))
export class RunUsage {
  @Field(() => Float, { description: "Processor time in milliseconds." })
  processorMs!: number;

  @Field(() => Float, { description: "Most memory in bytes that an attempt used at one time." })
  memoryBytes!: number;

  @Field(() => Float, { description: "Number of requests to other systems." })
  calls!: number;

  @Field(() => Float, { description: "Number of tokens that models have read." })
  tokensIn!: number;

  @Field(() => Float, { description: "Number of tokens that models have written." })
  tokensOut!: number;

  @Field(() => Float, { description: "Cost in millionths of a US dollar." })
  costMicros!: number;
}

export const usageOfRow = ({ processorMs, memoryBytes, calls, tokensIn, tokensOut, costMicros }: RunUsage): RunUsage => ({
  processorMs,
  memoryBytes,
  calls,
  tokensIn,
  tokensOut,
  costMicros,
});

/** @param usage as the row of a step, or of an attempt, has it */
export function usageOfStep(usage: unknown): RunUsage {
  const { processorMs = 0, memoryBytes = 0, calls = 0, tokensIn = 0, tokensOut = 0, costMicros = 0 } = (usage ?? {}) as StepUsage;
  return { processorMs, memoryBytes, calls, tokensIn, tokensOut, costMicros };
}
