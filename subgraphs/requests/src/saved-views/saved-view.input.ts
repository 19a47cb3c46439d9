import { JsonScalar, OrderDirection } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";
import { SavedViewList, SavedViewVisibility } from "./saved-view.type.js";

@InputType({ description: "Sort order of a saved view." })
export class SavedViewSortInput {
  @Field(() => String, { description: "Field to order by, as in the `orderBy` argument of the list, for example `CREATED_AT`." })
  field!: string;

  @Field(() => String, { nullable: true, description: "Name of the custom field, for the field `FIELD`." })
  name?: string | null;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC, description: "Sort direction." })
  direction!: string;
}

const filterDescription = "Filter, in the form of the list's `filter` argument.";
const columnsDescription = "Columns to show: paths of fields, for example `number` or `building.name`. At most 50.";
const visibilityDescription =
  "Users who can see the view. `TEAM` and `TENANT` require the permission `view.share` for the team or in scope TENANT.";

@InputType({ description: "Input of `saveView`." })
export class SaveViewInput {
  @Field(() => SavedViewList, { description: "The list. It cannot be changed later." })
  list!: SavedViewList;

  @Field(() => String, { description: "Display name (1 to 100 characters)." })
  name!: string;

  @Field(() => SavedViewVisibility, { defaultValue: SavedViewVisibility.PRIVATE, description: visibilityDescription })
  visibility!: SavedViewVisibility;

  @Field(() => ID, { nullable: true, description: "The team (`tem_…`). Required for the visibility `TEAM`, and not allowed otherwise." })
  teamId?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: filterDescription })
  filter?: unknown;

  @Field(() => SavedViewSortInput, { nullable: true, description: "Sort order. Default: that of the list." })
  orderBy?: SavedViewSortInput | null;

  @Field(() => [String], { defaultValue: [], description: columnsDescription })
  columns!: string[];

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateView`. Omitted fields keep their values." })
export class UpdateViewInput {
  @Field(() => ID, { description: "The view (`svw_…`)." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => SavedViewVisibility, { nullable: true, description: visibilityDescription })
  visibility?: SavedViewVisibility | null;

  @Field(() => ID, { nullable: true, description: "The team, for the visibility `TEAM`." })
  teamId?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: `${filterDescription} Null removes all conditions.` })
  filter?: unknown;

  @Field(() => SavedViewSortInput, { nullable: true, description: "Sort order. Null restores the default order of the list." })
  orderBy?: SavedViewSortInput | null;

  @Field(() => [String], { nullable: true, description: columnsDescription })
  columns?: string[] | null;
}
