import { eq, inArray, or, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import { denialsOf, type Permission, type Scope, scopesOf, type Viewer } from "@weft/shared/viewer";

/** Columns that scopes read. An aggregate provides those that it has; a scope without its column matches nothing. */
export interface AccessColumns {
  readonly ownerId?: AnyColumn;
  readonly teamId?: AnyColumn;
  readonly assigneeUserId?: AnyColumn;
  readonly assigneeTeamId?: AnyColumn;
  readonly assigneeVendorId?: AnyColumn;
  /** Building in which the object is. */
  readonly buildingId?: AnyColumn;
  /** For workflows, if there is no `buildingId`: the object that the workflow belongs to. A workflow is where its request or asset is, or in its building. */
  readonly subjectId?: AnyColumn;
  /** As `subjectId`, in lists that have an index by subject. */
  readonly listedSubjectId?: AnyColumn;
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
 * viewer's vendor. TEAM: belongs to one of the viewer's teams. BUILDING: in a building to which the viewer is assigned. TENANT: everything (row-level
 * security restricts it to the tenant, and vendor users to the objects that they have access to).
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
    case "BUILDING":
      return inBuildings(viewer, columns);
    default:
      return scope satisfies never;
  }
}

/**
 * Reads the assignments of the user in the statement itself: a user can be assigned to hundreds of buildings, and a new assignment takes effect at once.
 * `array` makes it a value that is computed once, so the indexes that begin with the building can be used.
 *
 * The planner does not know the value and expects most rows to match. It would then read a list in its order until a page is full, which for a small
 * building is the whole tenant. The second condition says the same, but PostgreSQL expects it to be rare. So lists cost what the user's buildings have.
 */
function inBuildings(viewer: Viewer, { buildingId, subjectId, listedSubjectId }: AccessColumns): SQL | undefined {
  const theirs = sql`array(select bu.building_id from requests.building_users bu where bu.tenant_id = app.tenant() and bu.user_id = ${viewer.userId})`;
  if (buildingId) return sql`(${buildingId} = any(${theirs}) and ${theirs} @> array[${buildingId}])`;
  if (listedSubjectId) return sql`${listedSubjectId} = any(${subjectsIn(theirs)})`;
  return (
    subjectId &&
    sql`(${subjectId} = any(${theirs})
      or exists (select from requests.requests br where br.tenant_id = app.tenant() and br.id = ${subjectId} and br.building_id = any(${theirs}))
      or exists (select from requests.assets ba where ba.tenant_id = app.tenant() and ba.id = ${subjectId} and ba.building_id = any(${theirs})))`
  );
}

/**
 * Returns an array of everything in these buildings that can have a workflow. In a list, a look-up per row would read all workflows of the tenant to find
 * those of a small building. Where a single row is read, the look-up costs less.
 */
const subjectsIn = (buildings: SQL): SQL =>
  sql`array(select unnest(${buildings})
    union all select br.id from requests.requests br
      where br.tenant_id = app.tenant() and br.building_id = any(${buildings}) and ${buildings} @> array[br.building_id]
    union all select ba.id from requests.assets ba
      where ba.tenant_id = app.tenant() and ba.building_id = any(${buildings}) and ${buildings} @> array[ba.building_id])`;

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
 * for users of a vendor, because row-level security restricts them further. The row does not contain its building, so it is also false if only scope
 * BUILDING reaches it, or if the permission is denied in this scope.
 */
export function isInstanceVisible(viewer: Viewer, permission: Permission, row: AccessValues): boolean {
  if (viewer.vendorId !== null || denialsOf(viewer, permission).includes("BUILDING")) return false;
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
    case "BUILDING":
      return false;
    default:
      return scope satisfies never;
  }
}

function amongTeams(column: AnyColumn | undefined, { teamIds }: Viewer): SQL | undefined {
  return column && teamIds.length > 0 ? inArray(column, teamIds) : undefined;
}
