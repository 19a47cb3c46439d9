import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ScopeItem, ScopeItemStatus } from "./scope-item.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const criteria = "What must be true for the item to be accepted (at most 50, 1 to 500 characters each).";

@InputType({ description: "Input of `createScopeItem`." })
export class CreateScopeItemInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => String, { description: "Title (1 to 200 characters)." })
  title!: string;

  @Field(() => String, { defaultValue: "", description: "Description (at most 4000 characters)." })
  description!: string;

  @Field(() => [String], { defaultValue: [], description: criteria })
  acceptanceCriteria!: string[];

  @Field(() => ScopeItemStatus, { defaultValue: ScopeItemStatus.PLANNED, description: "How far it is." })
  status!: ScopeItemStatus;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({
  description:
    "Input of `updateScopeItem`. Omitted fields keep their values. After the first approval of the scope, only the status can be changed: see `proposeScopeChange`.",
})
export class UpdateScopeItemInput {
  @Field(() => ID, { description: "The scope item." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New title (1 to 200 characters)." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "New description (at most 4000 characters)." })
  description?: string | null;

  @Field(() => [String], { nullable: true, description: criteria })
  acceptanceCriteria?: string[] | null;

  @Field(() => ScopeItemStatus, { nullable: true, description: "New status." })
  status?: ScopeItemStatus | null;
}

@ObjectType({ description: "Payload of `createScopeItem` and `updateScopeItem`." })
@Allow(inherit)
export class ScopeItemPayload {
  @Field(() => ScopeItem, { description: "The scope item." })
  scopeItem!: ScopeItem;
}
