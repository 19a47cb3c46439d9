import type { FilterValue } from "@weft/api/filters";
import { Allow, inherit } from "@weft/api/rules";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { BulkRejection } from "../../bulk/bulk.type.js";
import { RunFilter } from "../run.filter.js";
import { Run } from "../run.type.js";

export enum BulkRunAction {
  CANCEL = "CANCEL",
  RESUME = "RESUME",
  RETRY = "RETRY",
}
registerEnumType(BulkRunAction, {
  name: "BulkRunAction",
  description: "What is done with many runs.",
  valuesConfig: {
    CANCEL: { description: "Runs that are running or paused are canceled, as `cancelRun` does. Requires `workflow.cancel`." },
    RESUME: { description: "Paused runs are resumed, as `resumeRun` does. Requires `workflow.cancel`." },
    RETRY: {
      description:
        "Runs that have failed or were canceled, and that nobody has continued, are continued with the steps without a usable result, as `retryFromStep` does. Requires `workflow.start`, and `workflow.cancel` for runs of states.",
    },
  },
});

const idsDescription = "IDs of the runs, at most 1,000. Pass either a filter or IDs.";
const filterDescription = "Filter for runs. Only runs that you can change and whose status allows the action are included, at most 10,000.";

@ArgsType()
export class PreviewBulkRunsArgs {
  @Field(() => BulkRunAction, { description: "Action." })
  action!: BulkRunAction;

  @Field(() => RunFilter.Input, { nullable: true, description: filterDescription })
  filter?: FilterValue | null;

  @Field(() => [ID], { nullable: true, description: idsDescription })
  runIds?: string[] | null;
}

@InputType({ description: "What to do, and the runs to do it with." })
export class BulkChangeRunsInput {
  @Field(() => BulkRunAction, { description: "Action." })
  action!: BulkRunAction;

  @Field(() => RunFilter.Input, { nullable: true, description: filterDescription })
  filter?: FilterValue | null;

  @Field(() => [ID], { nullable: true, description: idsDescription })
  runIds?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Comment on the operation. `CANCEL` adds it to each instance that it cancels. At most 10,000 characters.",
  })
  comment?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "The `total` of the preview. If the number of runs differs now, the call fails with `CONFLICT` and nothing is done.",
  })
  expectedTotal?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Preview of changing many runs. Nothing is written." })
@Allow(inherit)
export class BulkRunPreview {
  @Field(() => Int, { description: "Number of runs found. Pass it as `expectedTotal`." })
  total!: number;

  @Field(() => Int, { description: "Number of these runs whose status allows the action." })
  open!: number;

  @Field(() => Int, { description: "Number of these runs that would be rejected. With a filter, they are not found at all." })
  rejected!: number;

  @Field(() => [BulkRejection], { description: "Reasons for the rejections, most frequent first." })
  reasons!: BulkRejection[];

  @Field(() => [Run], { description: "The oldest runs whose status allows the action, at most 10." })
  sample!: Run[];
}
