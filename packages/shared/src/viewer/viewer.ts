import { isCustomPermission } from "./permissions.js";
import type { CatalogPermission, CustomPermission, Permission } from "./permissions.js";

/**
 * Scope of a permission: objects that the viewer owns, that are assigned to the viewer, that belong to one of the viewer's teams, that are in a
 * building to which the viewer is assigned, or all objects of the tenant.
 */
export const scopes = ["OWN", "ASSIGNED", "TEAM", "BUILDING", "TENANT"] as const;
export type Scope = (typeof scopes)[number];

/** OPERATOR: represents a platform operator who acts in the tenant. */
export type UserType = "EMPLOYEE" | "VENDOR" | "SERVICE" | "OPERATOR";

export type ScopesByPermission = Partial<Record<CatalogPermission, Scope[]>> & Record<CustomPermission, Scope[]>;

/** The caller, computed from the database by the gateway for each operation. IDs are UUIDs. A subgraph gets it only from the signed call. */
export interface Viewer {
  tenantId: string;
  tenantSlug: string;
  userId: string;
  userType: UserType;
  /** Vendor of a vendor user. Row-level security restricts access by it. */
  vendorId: string | null;
  /** The session, or the API key in its place. */
  sessionId: string;
  /** The API key with which the caller authenticated; `permissions` are then limited to those of the key. Null for sessions. */
  apiKey: { id: string; operationsPerMinute: number | null } | null;
  /** User of the platform tenant who acts here for a limited time (`userId` is the operator user). Null for the tenant's own users. */
  operatorId: string | null;
  /** Time of the last login or `reauthenticate` of the session (ISO 8601). Null for work without a session. See `RequiresRecentLogin`. */
  authenticatedAt: string | null;
  /** Whether the session can only enrol a second factor, which its user must have. Every rule but `anyone` and `loggedIn` refuses it. */
  isRestricted: boolean;
  /** Keys of the roles, including those that they inherit from. A user with an inheriting role also counts as having the inherited one. */
  roles: string[];
  teamIds: string[];
  /** The teams that the viewer leads. */
  ledTeamIds: string[];
  /** Permission → scopes, from all roles and the user's own grants. Use `scopesOf` and related functions, which apply the denials. */
  permissions: ScopesByPermission;
  /** Permission → scopes that are denied to the user regardless of any grants. Always present, usually empty. */
  denials: ScopesByPermission;
  /** Changes whenever the viewer's rights change. */
  rightsVersion: string;
}

const none: readonly Scope[] = [];

const listed = (scopesByPermission: ScopesByPermission, permission: Permission): readonly Scope[] =>
  Object.hasOwn(scopesByPermission, permission) ? (scopesByPermission[permission] ?? none) : none;

/** Returns the scopes in which the permission is denied. Objects in these scopes are excluded regardless of any grants. */
export const denialsOf = (viewer: Viewer, permission: Permission): readonly Scope[] => listed(viewer.denials, permission);

/**
 * Returns the scopes in which the viewer holds a permission; empty if none. A denial overrides every grant. In scope TENANT it removes everything. In
 * a narrower scope it removes this scope, and excludes its objects from the wider ones. So TENANT in the result does not mean all objects: use
 * `reachesAll` for that, and the aggregate's `visible` predicate for rows.
 */
export function scopesOf(viewer: Viewer, permission: Permission): readonly Scope[] {
  const granted = listed(viewer.permissions, permission);
  const denied = denialsOf(viewer, permission);
  if (denied.length === 0) return granted;
  // A custom permission is not about objects that a scope could select, so any denial denies it completely.
  return denied.includes("TENANT") || isCustomPermission(permission) ? none : granted.filter((scope) => !denied.includes(scope));
}

/** Returns whether the permission covers everything in the tenant: held in scope TENANT, without any denials. */
export const reachesAll = (viewer: Viewer, permission: Permission): boolean =>
  listed(viewer.permissions, permission).includes("TENANT") && denialsOf(viewer, permission).length === 0;

/** Returns whether the viewer holds the permission in any scope. The aggregate's `visible` predicate determines the objects that it covers. */
export const hasPermission = (viewer: Viewer, permission: Permission): boolean => scopesOf(viewer, permission).length > 0;
