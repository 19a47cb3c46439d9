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

  @Field(() => Float, { description: "Number of bytes that programs have sent over their network." })
  sentBytes!: number;

  @Field(() => Float, { description: "Number of bytes that programs have received over their network." })
  receivedBytes!: number;
}

/** @param row a row of a run, or sums of several */
export const usageOfRow = ({
  processorMs,
  memoryBytes,
  calls,
  tokensIn,
  tokensOut,
  costMicros,
  sentBytes,
  receivedBytes,
}: RunUsage): RunUsage => ({
  processorMs,
  memoryBytes,
  calls,
  tokensIn,
  tokensOut,
  costMicros,
  sentBytes,
  receivedBytes,
});

const NOTHING = {
  processorMs: 0,
  memoryBytes: 0,
  calls: 0,
  tokensIn: 0,
  tokensOut: 0,
  costMicros: 0,
  sentBytes: 0,
  receivedBytes: 0,
};

/** @param usage as the row of a step, or of an attempt, has it */
export const usageOfStep = (usage: unknown): RunUsage => usageOfRow({ ...NOTHING, ...(usage as StepUsage | null) });
