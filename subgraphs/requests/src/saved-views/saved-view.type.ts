import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { OrderDirection } from "@weft/api/pages";
import { Allow, inherit, staff } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { Team, User } from "../references.js";
import type { SavedViewRow } from "./saved-view.store.js";

export const SavedViewList = { REQUESTS: "REQUESTS", BUILDINGS: "BUILDINGS", ASSETS: "ASSETS" } as const;
export type SavedViewList = keyof typeof SavedViewList;

registerEnumType(SavedViewList, {
  name: "SavedViewList",
  description: "Lists that can have saved views.",
  valuesConfig: {
    REQUESTS: { description: "The list `requests`." },
    BUILDINGS: { description: "The list `buildings`." },
    ASSETS: { description: "The list `assets`." },
  },
});

export const SavedViewVisibility = { PRIVATE: "PRIVATE", TEAM: "TEAM", TENANT: "TENANT" } as const;
export type SavedViewVisibility = keyof typeof SavedViewVisibility;

registerEnumType(SavedViewVisibility, {
  name: "SavedViewVisibility",
  description: "Users who can see a saved view. A view never shows anybody more objects than the list does.",
  valuesConfig: {
    PRIVATE: { description: "Only its owner." },
    TEAM: { description: "Its owner, and the members of one team." },
    TENANT: { description: "All users of the organization. Users of vendors cannot see it." },
  },
});

const sortColumns = columns({
  field: column.text("Field to order by, as in the `orderBy` argument of the list.", {
    created: "Field to order by, as in the `orderBy` argument of the list, for example `CREATED_AT`.",
  }),
  name: column.text("Name of the custom field, for the field `FIELD`.", { nullable: true }),
  direction: column.of(() => OrderDirection, "Sort direction.", { initial: OrderDirection.ASC }),
});

@ShowColumns(sortColumns)
@ObjectType({ description: "Sort order of a saved view." })
@Allow(inherit)
export class SavedViewSort extends shapeOf(sortColumns) {}

export const SavedViewSortInput = createInputOf("SavedViewSortInput", sortColumns, "Sort order of a saved view.");
export type SavedViewSortInput = InstanceType<typeof SavedViewSortInput>;

export const savedViewColumns = columns({
  id: column.id("ID (`svw_…`).", { created: false, updated: "The view (`svw_…`).", requiredInUpdate: true, isKey: true }),
  ...standardColumns.expectedVersion,
  list: column.of(() => SavedViewList, "The list. Pass the view's ID as its argument `viewId`.", {
    created: "The list. It cannot be changed later.",
    updated: false,
  }),
  name: column.text("Display name.", { max: 100, updated: "New name." }),
  visibility: column.of(() => SavedViewVisibility, "Users who can see the view.", {
    created: "Users who can see the view. `TEAM` and `TENANT` require the permission `view.share` for the team or in scope TENANT.",
    initial: SavedViewVisibility.PRIVATE,
  }),
  teamId: column.id("The team (`tem_…`). Required for the visibility `TEAM`, and not allowed otherwise.", {
    shown: false,
    updated: "The team, for the visibility `TEAM`.",
    optional: true,
  }),
  ...column.shownOnly({
    team: column.of(() => Team, "Team of a view with the visibility `TEAM`.", { shownNullable: true }),
    owner: column.of(() => User, "User who saved the view. Null if you cannot see the user.", { shownNullable: true }),
  }),
  filter: column.json("Filter, in the form of the list's `filter` argument.", {
    updated: "Filter, in the form of the list's `filter` argument. Null removes all conditions.",
    nullable: true,
    shownNullable: false,
  }),
  orderBy: column.pair(
    () => SavedViewSort,
    () => SavedViewSortInput,
    "Sort order. Null for the default order of the list.",
    {
      created: "Sort order. Default: that of the list.",
      updated: "Sort order. Null restores the default order of the list.",
      nullable: true,
    },
  ),
  columns: column.texts("Columns to show: paths of fields, for example `number` or `building.name`.", {
    created: "Columns to show: paths of fields, for example `number` or `building.name`. At most 50.",
    initial: [],
  }),
  ...standardColumns.idempotencyKey,
  version: column.int("Version number, incremented on every change.", { created: false, updated: false }),
  ...standardColumns.times,
});

@ShowColumns(savedViewColumns)
@ObjectType({ description: "A saved view of a list: a named filter with a sort order and columns." })
@Allow(staff)
export class SavedView extends shapeOf(savedViewColumns) {
  readonly row!: SavedViewRow;
}

export const SaveViewInput = createInputOf("SaveViewInput", savedViewColumns);
export type SaveViewInput = InstanceType<typeof SaveViewInput>;

export const UpdateViewInput = updateInputOf("UpdateViewInput", savedViewColumns);
export type UpdateViewInput = InstanceType<typeof UpdateViewInput>;

/** Converts a row to its API type. */
export const toSavedView = (row: SavedViewRow): SavedView =>
  Object.assign(new SavedView(), {
    ...savedViewColumns.shown(row),
    id: encodeId("savedView", row.id),
    team: Team.ofOrNull(row.teamId),
    owner: User.of(row.ownerId),
    orderBy: row.orderBy && { name: null, direction: "ASC", ...row.orderBy },
    row,
  });

export const SavedViewPayload = payloadOf(SavedView, "view");
export type SavedViewPayload = InstanceType<typeof SavedViewPayload>;
