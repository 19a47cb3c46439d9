import { isCustomPermission } from "./permissions.js";
import type { CatalogPermission, CustomPermission, Permission } from "./permissions.js";

/** How far a permission reaches: what I own, what is assigned to me, what belongs to a team of mine, everything of the tenant. */
export type Scope = "OWN" | "ASSIGNED" | "TEAM" | "TENANT";
export const scopes: readonly Scope[] = ["OWN", "ASSIGNED", "TEAM", "TENANT"];

/** OPERATOR: stands in the tenant for a platform operator who acts there. */
export type UserType = "EMPLOYEE" | "VENDOR" | "SERVICE" | "OPERATOR";

export type ScopesByPermission = Partial<Record<CatalogPermission, Scope[]>> & Record<CustomPermission, Scope[]>;

/** Who asks, computed by the gateway for each operation from the database; ids are UUIDs. A subgraph has it from the signed call alone. */
export interface Viewer {
  tenantId: string;
  tenantSlug: string;
  userId: string;
  userType: UserType;
  /** The vendor that a vendor user works for; row-level security narrows by it. */
  vendorId: string | null;
  sessionId: string;
  /** The user of the platform tenant who acts here for a limited time (userId stands for him); null for the tenant's own people. */
  operatorId: string | null;
  /** Keys of the roles, those included that they inherit from: whoever has the heir may be named as the ancestor. */
  roles: string[];
  teamIds: string[];
  /** Those of the teams that the viewer leads. */
  ledTeamIds: string[];
  /** Permission → scopes, over all roles and what the user was granted himself; ask `scopesOf` and its kin, which honour the denials. */
  permissions: ScopesByPermission;
  /** Permission → scopes that are taken from the user whatever grants them. Always there, mostly empty. */
  denials: ScopesByPermission;
  /** Changes with every change of the viewer's rights. */
  rightsVersion: string;
}

const none: readonly Scope[] = [];

const listed = (scopesByPermission: ScopesByPermission, permission: Permission): readonly Scope[] =>
  Object.hasOwn(scopesByPermission, permission) ? (scopesByPermission[permission] ?? none) : none;

/** The scopes in which the permission is denied: what they reach is taken away, whatever else grants it. */
export const denialsOf = (viewer: Viewer, permission: Permission): readonly Scope[] => listed(viewer.denials, permission);

/**
 * The scopes in which the viewer holds a permission; empty when not at all. A denial beats every grant: in scope TENANT it leaves nothing, in a
 * narrower one it takes the same scope away, and of the wider ones what it reaches. So TENANT in the answer does not mean everything:
 * for that ask `reachesAll`, and for rows the aggregate's `visible` predicate.
 */
export function scopesOf(viewer: Viewer, permission: Permission): readonly Scope[] {
  const granted = listed(viewer.permissions, permission);
  const denied = denialsOf(viewer, permission);
  if (denied.length === 0) return granted;
  // A tenant's own permission is about no objects that a scope could choose among: what is denied of it is all of it.
  return denied.includes("TENANT") || isCustomPermission(permission) ? none : granted.filter((scope) => !denied.includes(scope));
}

/** Whether the permission reaches everything of the tenant: held in scope TENANT, and no part of it denied. */
export const reachesAll = (viewer: Viewer, permission: Permission): boolean =>
  listed(viewer.permissions, permission).includes("TENANT") && denialsOf(viewer, permission).length === 0;

/** Whether the viewer holds the permission in any scope; which objects it reaches is the aggregate's `visible` predicate. */
export const hasPermission = (viewer: Viewer, permission: Permission): boolean => scopesOf(viewer, permission).length > 0;
