import { eq, inArray, or, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { Permission } from "./permissions.js";
import { scopesOf } from "./viewer.js";
import type { Scope, Viewer } from "./viewer.js";

/** The columns that scopes read. An aggregate gives those that it has; a scope without its column reaches nothing. */
export interface AccessColumns {
  readonly ownerId?: AnyColumn;
  readonly teamId?: AnyColumn;
  readonly assigneeUserId?: AnyColumn;
  readonly assigneeTeamId?: AnyColumn;
  readonly assigneeVendorId?: AnyColumn;
}

/** Nothing is visible. */
export const nothing: SQL = sql`false`;

/**
 * The one predicate of an aggregate's visibility: own → owner is me; assigned → assigned to me, a team or the vendor of mine;
 * team → belongs to a team of mine; tenant → everything (row-level security keeps to the tenant, and vendor users to what is theirs).
 */
export function visibleInstances(viewer: Viewer, permission: Permission, columns: AccessColumns): SQL {
  const held = scopesOf(viewer, permission);
  if (held.includes("TENANT")) return sql`true`;
  return or(...held.map((scope) => inScope(scope, viewer, columns))) ?? nothing;
}

function inScope(scope: Scope, viewer: Viewer, columns: AccessColumns): SQL | undefined {
  switch (scope) {
    case "TENANT":
      return sql`true`;
    case "OWN":
      return columns.ownerId && eq(columns.ownerId, viewer.userId);
    case "TEAM":
      return amongTeams(columns.teamId, viewer);
    case "ASSIGNED":
      return or(
        columns.assigneeUserId && eq(columns.assigneeUserId, viewer.userId),
        amongTeams(columns.assigneeTeamId, viewer),
        columns.assigneeVendorId && viewer.vendorId ? eq(columns.assigneeVendorId, viewer.vendorId) : undefined,
      );
    default:
      return scope satisfies never;
  }
}

function amongTeams(column: AnyColumn | undefined, { teamIds }: Viewer): SQL | undefined {
  return column && teamIds.length > 0 ? inArray(column, teamIds) : undefined;
}
