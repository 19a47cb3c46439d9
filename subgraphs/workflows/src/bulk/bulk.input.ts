import type { FilterValue } from "@weft/api/filters";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { WorkflowInstanceFilter } from "../instances/instance.list.js";
import { BulkOperation } from "./bulk.type.js";

const idsDescription = "IDs of the instances, at most 1,000. Pass either a filter or IDs.";
const filterDescription = "Filter for running instances. Only instances that you can change are included, at most 10,000.";

@ArgsType()
export class PreviewBulkTransitionArgs {
  @Field(() => String, { description: "Name of the transition." })
  transition!: string;

  @Field(() => WorkflowInstanceFilter.Input, { nullable: true, description: filterDescription })
  filter?: FilterValue | null;

  @Field(() => [ID], { nullable: true, description: idsDescription })
  instanceIds?: string[] | null;
}

@InputType({ description: "The transition to fire, and the instances to fire it on." })
export class BulkFireTransitionInput {
  @Field(() => String, { description: "Name of the transition." })
  transition!: string;

  @Field(() => WorkflowInstanceFilter.Input, { nullable: true, description: filterDescription })
  filter?: FilterValue | null;

  @Field(() => [ID], { nullable: true, description: idsDescription })
  instanceIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Comment, added to each instance. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Input required by the transition's input schema. The same for every instance." })
  input?: unknown;

  @Field(() => Int, {
    nullable: true,
    description: "The `total` of the preview. If the number of instances differs now, the call fails with `CONFLICT` and nothing is done.",
  })
  expectedTotal?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ArgsType()
export class BulkOperationChangedArgs {
  @Field(() => ID, { nullable: true, description: "Only events of this operation." })
  id?: string | null;
}

@ObjectType({ description: "Progress of a bulk operation." })
@Allow(inherit)
export class BulkOperationChanged {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to resume without missing events." })
  cursor!: string;

  @Field(() => BulkOperation, { description: "Current state." })
  operation!: BulkOperation;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;
}
