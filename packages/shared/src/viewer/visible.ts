import { eq, inArray, or, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { Permission } from "./permissions.js";
import { denialsOf, scopesOf } from "./viewer.js";
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
 * What the viewer's scopes of a permission reach, less what its denials reach. `reach` says what a single scope reaches (undefined: nothing), of grants
 * and denials alike. Every predicate of visibility is made by this, so that a denial holds wherever rows are chosen.
 */
export function withinScopes(viewer: Viewer, permission: Permission, reach: (scope: Scope) => SQL | undefined): SQL {
  const held = scopesOf(viewer, permission);
  if (held.length === 0) return nothing;
  const granted = held.includes("TENANT") ? sql`true` : (or(...held.map(reach)) ?? nothing);
  const denied = or(...denialsOf(viewer, permission).map(reach));
  // A row without an owner or an assignee is nobody's: null is not denied.
  return denied ? sql`(${granted} and (${denied}) is not true)` : granted;
}

/**
 * The one predicate of an aggregate's visibility: own → owner is me; assigned → assigned to me, a team or the vendor of mine;
 * team → belongs to a team of mine; tenant → everything (row-level security keeps to the tenant, and vendor users to what is theirs).
 */
export function visibleInstances(viewer: Viewer, permission: Permission, columns: AccessColumns): SQL {
  return withinScopes(viewer, permission, (scope) => inScope(scope, viewer, columns));
}

/** What one scope reaches of rows with such columns; undefined: nothing. */
export function inScope(scope: Scope, viewer: Viewer, columns: AccessColumns): SQL | undefined {
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

/** A row's own values of the columns that scopes read. */
export interface AccessValues {
  readonly ownerId: string | null;
  readonly teamId: string | null;
  readonly assigneeUserId: string | null;
  readonly assigneeTeamId: string | null;
  readonly assigneeVendorId: string | null;
}

/**
 * The same as `visibleInstances` for a row that has been read: for who reads rows of several viewers at once. A test compares both. Not for people
 * of a vendor, whom row-level security narrows further.
 */
export function isInstanceVisible(viewer: Viewer, permission: Permission, row: AccessValues): boolean {
  if (viewer.vendorId !== null) return false;
  const held = scopesOf(viewer, permission);
  const granted = held.includes("TENANT") || held.some((scope) => isInScope(scope, viewer, row));
  return granted && !denialsOf(viewer, permission).some((scope) => isInScope(scope, viewer, row));
}

function isInScope(scope: Scope, viewer: Viewer, { ownerId, teamId, assigneeUserId, assigneeTeamId }: AccessValues): boolean {
  const isTeamOfMine = (id: string | null): boolean => id !== null && viewer.teamIds.includes(id);
  switch (scope) {
    case "TENANT":
      return true;
    case "OWN":
      return ownerId === viewer.userId;
    case "TEAM":
      return isTeamOfMine(teamId);
    case "ASSIGNED":
      return assigneeUserId === viewer.userId || isTeamOfMine(assigneeTeamId);
    default:
      return scope satisfies never;
  }
}

function amongTeams(column: AnyColumn | undefined, { teamIds }: Viewer): SQL | undefined {
  return column && teamIds.length > 0 ? inArray(column, teamIds) : undefined;
}
