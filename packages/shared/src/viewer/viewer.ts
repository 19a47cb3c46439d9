import type { Permission } from "./permissions.js";

/** How far a permission reaches: what I own, what is assigned to me, what belongs to a team of mine, everything of the tenant. */
export type Scope = "OWN" | "ASSIGNED" | "TEAM" | "TENANT";
export const scopes: readonly Scope[] = ["OWN", "ASSIGNED", "TEAM", "TENANT"];

export type UserType = "EMPLOYEE" | "VENDOR" | "SERVICE";

/** Who asks, computed by the gateway for each operation from the database; ids are UUIDs. A subgraph has it from the signed call alone. */
export interface Viewer {
  tenantId: string;
  tenantSlug: string;
  userId: string;
  userType: UserType;
  /** The vendor that a vendor user works for; row-level security narrows by it. */
  vendorId: string | null;
  sessionId: string;
  /** Keys of the roles. */
  roles: string[];
  teamIds: string[];
  /** Permission → scopes, over all roles. */
  permissions: Partial<Record<Permission, Scope[]>>;
  /** Changes with every change of the viewer's rights. */
  rightsVersion: string;
}

const none: readonly Scope[] = [];

/** The scopes in which the viewer holds a permission; empty when not at all. */
export function scopesOf(viewer: Viewer, permission: Permission): readonly Scope[] {
  return Object.hasOwn(viewer.permissions, permission) ? (viewer.permissions[permission] ?? none) : none;
}

/** Whether the viewer holds the permission in any scope; which objects it reaches is the aggregate's `visible` predicate. */
export const hasPermission = (viewer: Viewer, permission: Permission): boolean => scopesOf(viewer, permission).length > 0;
