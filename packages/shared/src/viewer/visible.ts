import { eq, inArray, or, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { Permission } from "./permissions.js";
import { denialsOf, scopesOf } from "./viewer.js";
import type { Scope, Viewer } from "./viewer.js";

/** Columns that scopes read. An aggregate provides those that it has; a scope without its column matches nothing. */
export interface AccessColumns {
  readonly ownerId?: AnyColumn;
  readonly teamId?: AnyColumn;
  readonly assigneeUserId?: AnyColumn;
  readonly assigneeTeamId?: AnyColumn;
  readonly assigneeVendorId?: AnyColumn;
}

/** Condition that matches nothing. */
export const nothing: SQL = sql`false`;

/**
 * Returns the condition for the objects in the viewer's scopes of a permission, without those in its denied scopes. `reach` returns the condition of
 * a single scope (undefined: nothing), for grants and denials. Every visibility predicate must be created with this function, so that denials apply
 * wherever rows are selected.
 */
export function withinScopes(viewer: Viewer, permission: Permission, reach: (scope: Scope) => SQL | undefined): SQL {
  const held = scopesOf(viewer, permission);
  if (held.length === 0) return nothing;
  const granted = held.includes("TENANT") ? sql`true` : (or(...held.map(reach)) ?? nothing);
  const denied = or(...denialsOf(viewer, permission).map(reach));
  // Rows without an owner or an assignee belong to nobody: null is not denied.
  return denied ? sql`(${granted} and (${denied}) is not true)` : granted;
}

/**
 * Returns the visibility predicate of an aggregate. OWN: the viewer is the owner. ASSIGNED: assigned to the viewer, one of the viewer's teams or the
 * viewer's vendor. TEAM: belongs to one of the viewer's teams. TENANT: everything (row-level security restricts it to the tenant, and vendor users to
 * the objects that they have access to).
 */
export function visibleInstances(viewer: Viewer, permission: Permission, columns: AccessColumns): SQL {
  return withinScopes(viewer, permission, (scope) => inScope(scope, viewer, columns));
}

/** Returns the condition of one scope for rows with these columns. Undefined if it matches nothing. */
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

/** A row's values of the columns that scopes read. */
export interface AccessValues {
  readonly ownerId: string | null;
  readonly teamId: string | null;
  readonly assigneeUserId: string | null;
  readonly assigneeTeamId: string | null;
  readonly assigneeVendorId: string | null;
}

/**
 * As `visibleInstances`, for a row that was already read: for callers that read rows for several viewers at once. A test compares both. Always false
 * for users of a vendor, because row-level security restricts them further.
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
