import {
  Allow,
  DateTimeScalar,
  encodeId,
  type EntityStub,
  inherit,
  JsonScalar,
  OrderDirection,
  type OrderByValue,
  staff,
  payloadOf,
} from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "Sort order of a saved view." })
@Allow(inherit)
export class SavedViewSort {
  @Field(() => String, { description: "Field to order by, as in the `orderBy` argument of the list." })
  field!: string;

  @Field(() => String, { nullable: true, description: "Name of the custom field, for the field `FIELD`." })
  name!: string | null;

  @Field(() => OrderDirection, { description: "Sort direction." })
  direction!: string;
}

@ObjectType({ description: "A saved view of a list: a named filter with a sort order and columns." })
@Allow(staff)
export class SavedView {
  @Field(() => ID, { description: "ID (`svw_…`)." })
  id!: string;

  @Field(() => SavedViewList, { description: "The list. Pass the view's ID as its argument `viewId`." })
  list!: SavedViewList;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => SavedViewVisibility, { description: "Users who can see the view." })
  visibility!: SavedViewVisibility;

  @Field(() => Team, { nullable: true, description: "Team of a view with the visibility `TEAM`." })
  team!: EntityStub | null;

  @Field(() => User, { nullable: true, description: "User who saved the view. Null if you cannot see the user." })
  owner!: EntityStub | null;

  @Field(() => JsonScalar, { description: "Filter, in the form of the list's `filter` argument." })
  filter!: unknown;

  @Field(() => SavedViewSort, { nullable: true, description: "Sort order. Null for the default order of the list." })
  orderBy!: OrderByValue | null;

  @Field(() => [String], { description: "Columns to show: paths of fields, for example `number` or `building.name`." })
  columns!: string[];

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  readonly row!: SavedViewRow;
}

/** Converts a row to its API type. */
export const toSavedView = (row: SavedViewRow): SavedView =>
  Object.assign(new SavedView(), {
    id: encodeId("savedView", row.id),
    list: row.list as SavedViewList,
    name: row.name,
    visibility: row.visibility as SavedViewVisibility,
    team: Team.ofOrNull(row.teamId),
    owner: User.of(row.ownerId),
    filter: row.filter,
    orderBy: row.orderBy && { name: null, direction: "ASC", ...row.orderBy },
    columns: row.columns,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    row,
  });

export const SavedViewPayload = payloadOf(SavedView, "view");
export type SavedViewPayload = InstanceType<typeof SavedViewPayload>;
