import { Allow, DateTimeScalar, JsonScalar, inherit, type FilterValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { WorkflowInstanceFilter } from "../instances/instance.list.js";
import { BulkOperation } from "./bulk.type.js";

const idsDescription = "These instances, at most 1,000. Give either a filter or ids.";
const filterDescription = "The running instances that it finds among those that you may move; at most 10,000.";

@ArgsType()
export class PreviewBulkTransitionArgs {
  @Field(() => String, { description: "The transition's name." })
  transition!: string;

  @Field(() => WorkflowInstanceFilter.Input, { nullable: true, description: filterDescription })
  filter?: FilterValue | null;

  @Field(() => [ID], { nullable: true, description: idsDescription })
  instanceIds?: string[] | null;
}

@InputType({ description: "Which transition to fire at which instances." })
export class BulkFireTransitionInput {
  @Field(() => String, { description: "The transition's name." })
  transition!: string;

  @Field(() => WorkflowInstanceFilter.Input, { nullable: true, description: filterDescription })
  filter?: FilterValue | null;

  @Field(() => [ID], { nullable: true, description: idsDescription })
  instanceIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Goes to each of them. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "What the transition's input schema asks for; the same for each." })
  input?: unknown;

  @Field(() => Int, { nullable: true, description: "The `total` of the preview; when others are found now, nothing is done: CONFLICT." })
  expectedTotal?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which operation to stop." })
export class CancelBulkOperationInput {
  @Field(() => ID, { description: "The operation's id, `blk_…`." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "The version that you have read; another one is a CONFLICT. It grows with the progress.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The operation, which has begun." })
@Allow(inherit)
export class BulkFireTransitionPayload {
  @Field(() => BulkOperation, { description: "As it is now; follow it by `bulkOperationChanged`." })
  operation!: BulkOperation;
}

@ObjectType({ description: "The operation that was stopped." })
@Allow(inherit)
export class CancelBulkOperationPayload {
  @Field(() => BulkOperation, { description: "As it is now; what was done stays done." })
  operation!: BulkOperation;
}

@ArgsType()
export class BulkOperationChangedArgs {
  @Field(() => ID, { nullable: true, description: "Of one operation only." })
  id?: string | null;
}

@ObjectType({ description: "Progress of an operation on many instances." })
@Allow(inherit)
export class BulkOperationChanged {
  @Field(() => String, { description: "Where in the tenant's events this stands; give it as `after` to continue." })
  cursor!: string;

  @Field(() => BulkOperation, { description: "As it is now." })
  operation!: BulkOperation;

  @Field(() => DateTimeScalar, { description: "When it happened." })
  occurredAt!: string;
}
