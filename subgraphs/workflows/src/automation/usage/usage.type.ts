import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { StepUsage } from "@weft/engine";
import { ObjectType } from "type-graphql";

const runUsageColumns = columns({
  processorMs: column.float("Processor time in milliseconds."),
  memoryBytes: column.float("Most memory in bytes that an attempt used at one time."),
  calls: column.float("Number of requests to other systems."),
  tokensIn: column.float("Number of tokens that models have read."),
  tokensOut: column.float("Number of tokens that models have written."),
  costMicros: column.float("Cost in millionths of a US dollar."),
  sentBytes: column.float("Number of bytes that programs have sent over their network."),
  receivedBytes: column.float("Number of bytes that programs have received over their network."),
});

@ShowColumns(runUsageColumns)
@ObjectType({ description: "What the work of steps has used, as far as their types measure it. Unmeasured amounts are 0." })
@Allow(allOf(staff, can("workflow.read")))
export class RunUsage extends shapeOf(runUsageColumns) {}

/** @param row a row of a run, or sums of several */
export const usageOfRow = (row: RunUsage): RunUsage => runUsageColumns.shown(row);

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
