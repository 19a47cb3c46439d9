import { requests as tables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjectsByIndex } from "@weft/platform/access";
import type { CustomFieldKind } from "@weft/platform/custom-field-kinds";
import type { Tx } from "@weft/platform/db";
import { asksFor, type FilterValue } from "@weft/api/filters";
import { and, type SQL, sql } from "drizzle-orm";
import { AssetFilter } from "../assets/asset.list.js";
import { BuildingFilter } from "../buildings/building.resolver.js";
import { RequestFilter } from "../requests/request.list.js";
import { matchingRequests } from "../requests/request.service.js";
import { fieldsOfList } from "./list-fields.js";
import type { SavedViewList } from "./saved-view.type.js";

const { assets, buildings } = tables;

/** What filters depend on besides their conditions. */
export interface FilterBy {
  readonly viewer: Viewer;
  readonly languages: readonly string[];
}

interface ViewedList {
  /** Kind of the custom fields by which the list filters and orders. */
  readonly fields: CustomFieldKind | null;
  /** Permission to read the list. */
  readonly permission: Permission;
  /**
   * Returns the condition of a filter.
   * @throws BadUserInput or Forbidden if the viewer cannot use it
   */
  readonly toSql: (filter: FilterValue, path: string, by: FilterBy) => SQL | undefined;
  /** Returns a statement that selects a row for each object that the viewer can see, up to a limit. */
  readonly matching: (tx: Tx, viewer: Viewer, where: SQL | undefined, limit: number) => SQL;
}

/** The lists that can have saved views. */
export const viewedLists: Readonly<Record<SavedViewList, ViewedList>> = {
  REQUESTS: {
    fields: fieldsOfList.REQUESTS,
    permission: "request.read",
    toSql: (filter, path, { viewer, languages }) => RequestFilter.toSql(filter, path, viewer, languages),
    matching: matchingRequests,
  },
  BUILDINGS: {
    fields: fieldsOfList.BUILDINGS,
    permission: "building.read",
    toSql: (filter, path, { viewer }) => BuildingFilter.toSql(filter, path, viewer),
    matching: (_tx, viewer, where, limit) =>
      sql`select from ${buildings} where ${and(visibleObjectsByIndex("building", viewer, "building.read"), where)} limit ${limit}`,
  },
  ASSETS: {
    fields: fieldsOfList.ASSETS,
    permission: "asset.read",
    toSql: (filter, path, { viewer, languages }) => AssetFilter.toSql(filter, path, viewer, languages),
    matching: (_tx, viewer, where, limit) =>
      sql`select from ${assets} where ${and(visibleObjectsByIndex("asset", viewer, "asset.read"), where)} limit ${limit}`,
  },
};

/** Returns whether the filter of a view is a full-text search, whose languages have to be read. */
export const isSearch = (filter: unknown): boolean => asksFor("search", filter);
