import { columns, createInputOf, updateInputOf } from "@weft/api/columns";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { MoneyInput } from "../money/money.type.js";
import { ScopeChangeFilter, ScopeChangeOrder } from "./scope-change.filter.js";
import { scopeItemColumns, scopeItemContent } from "../project-scope/scope-item.type.js";
import { ScopeChange } from "./scope-change.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

@ArgsType()
export class ScopeChangesArgs extends ConnectionArgs {
  @Field(() => ScopeChangeFilter.Input, { nullable: true, description: "Filter for changes of scopes." })
  filter?: FilterValue | null;

  @Field(() => ScopeChangeOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

const itemColumns = columns({ id: scopeItemColumns.map.id, ...scopeItemContent });

export const AddedScopeItemInput = createInputOf("AddedScopeItemInput", itemColumns, "An item that a change adds to a scope.");
export type AddedScopeItemInput = InstanceType<typeof AddedScopeItemInput>;

export const ChangedScopeItemInput = updateInputOf(
  "ChangedScopeItemInput",
  itemColumns,
  "An item that a change alters. Omitted fields keep their values.",
);
export type ChangedScopeItemInput = InstanceType<typeof ChangedScopeItemInput>;

@InputType({ description: "A task that a change of a scope adds to the plan of the project." })
export class AddedScopeTaskInput {
  @Field(() => String, { description: "Name (1 to 200 characters)." })
  name!: string;

  @Field(() => Int, { description: "Duration in working minutes (0 to 1,000,000)." })
  durationMinutes!: number;

  @Field(() => Int, { nullable: true, description: "Estimated work in minutes (0 to 10,000,000)." })
  estimateMinutes?: number | null;

  @Field(() => ID, { nullable: true, description: "Task of the same project that contains it. Without one, it is at the top level." })
  parentId?: string | null;

  @Field(() => ID, { nullable: true, description: "Task of the same project after whose finish it starts." })
  predecessorId?: string | null;
}

@InputType({ description: "A task of the plan whose duration or estimate a change of a scope alters. Omitted fields keep their values." })
export class ChangedScopeTaskInput {
  @Field(() => ID, { description: "The project task." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "New duration in working minutes (0 to 1,000,000). Not for summary tasks." })
  durationMinutes?: number | null;

  @Field(() => Int, { nullable: true, description: "New estimate of the work in minutes (0 to 10,000,000). Null removes it." })
  estimateMinutes?: number | null;
}

@InputType({ description: "Input of `proposeScopeChange`. What is omitted does not change." })
export class ProposeScopeChangeInput {
  @Field(() => ID, { description: "The project. Its scope is approved." })
  projectId!: string;

  @Field(() => String, { description: "Why the change is proposed (1 to 4000 characters)." })
  reason!: string;

  @Field(() => [AddedScopeItemInput], { defaultValue: [], description: "New items." })
  addedItems!: AddedScopeItemInput[];

  @Field(() => [ChangedScopeItemInput], { defaultValue: [], description: "Changed items." })
  changedItems!: ChangedScopeItemInput[];

  @Field(() => [ID], { defaultValue: [], description: "IDs of removed items." })
  removedItemIds!: string[];

  @Field(() => String, { nullable: true, description: "New first day of the project (`YYYY-MM-DD`). Null removes it." })
  startsOn?: string | null;

  @Field(() => String, { nullable: true, description: "New last day of the project (`YYYY-MM-DD`). Null removes it." })
  endsOn?: string | null;

  @Field(() => MoneyInput, { nullable: true, description: "New budget of the project." })
  budget?: MoneyInput | null;

  @Field(() => [AddedScopeTaskInput], { defaultValue: [], description: "New tasks of the plan (at most 100)." })
  addedTasks!: AddedScopeTaskInput[];

  @Field(() => [ChangedScopeTaskInput], {
    defaultValue: [],
    description: "Tasks of the plan with a new duration or estimate (at most 100).",
  })
  changedTasks!: ChangedScopeTaskInput[];

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `withdrawScopeChange`." })
export class WithdrawScopeChangeInput {
  @Field(() => ID, { description: "The change." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Why it is withdrawn (1 to 2000 characters)." })
  comment?: string | null;
}

@ObjectType({ description: "Payload of the mutations that write a change of a scope." })
@Allow(inherit)
export class ScopeChangePayload {
  @Field(() => ScopeChange, { description: "The change." })
  scopeChange!: ScopeChange;
}
