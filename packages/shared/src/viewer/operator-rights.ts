import type { Aggregate } from "../aggregates/aggregate.js";
import { aggregates } from "../aggregates/entries.js";
import { isPlatformPermission, permissionCatalog } from "./permissions.js";
import type { Permission } from "./permissions.js";
import type { Viewer } from "./viewer.js";

/**
 * Permissions for objects that a platform operator can change in another tenant. All others (for users, roles, the tenant, its configuration, future
 * aggregates) only let operators read.
 */
const changedByOperators: ReadonlySet<string> = new Set(
  aggregates.flatMap(({ isChangedByOperators, permissions = {} }: Aggregate) => (isChangedByOperators ? Object.keys(permissions) : [])),
);

/** Reports are files about everybody in the tenant, which would outlast the session like exports. */
const withheld: ReadonlySet<string> = new Set(["complianceReport.read"]);

const reads = (permission: Permission): boolean => /\.(read|verify)$/.test(permission) && !withheld.has(permission);

/**
 * Returns the permissions of a platform operator who acts in a tenant, regardless of the tenant's roles: those of a built-in administrator, except
 * those whose effects could outlast the session. In a suspended tenant, operators can only read.
 */
export function operatorPermissions({ isReadOnly }: { readonly isReadOnly: boolean }): Viewer["permissions"] {
  const held = (Object.keys(permissionCatalog) as Permission[]).filter((permission) => {
    if (isPlatformPermission(permission)) return false;
    return reads(permission) || (!isReadOnly && changedByOperators.has(permission));
  });
  return Object.fromEntries(held.map((permission) => [permission, [permission === "notification.read" ? "OWN" : "TENANT"]]));
}
