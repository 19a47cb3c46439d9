import { permissionCatalog } from "./permissions.js";
import type { Permission } from "./permissions.js";
import type { Viewer } from "./viewer.js";

/**
 * Resources that a platform operator can change in another tenant: its business objects. Operators can only read resources that are not listed here
 * (users, roles, teams, the tenant, its configuration, future resources). If they could change them, they could leave themselves access after their
 * session ends.
 */
const changedByOperators: ReadonlySet<string> = new Set([
  "definition",
  "workflow",
  "task",
  "request",
  "requestType",
  "building",
  "asset",
  "assetType",
  "vendor",
  "vendorDocument",
  "vendorContact",
  "project",
  "contract",
  "projectTask",
  "scope",
  "audit",
]);

const reads = (permission: Permission): boolean => /\.(read|verify)$/.test(permission);

/**
 * Returns the permissions of a platform operator who acts in a tenant, regardless of the tenant's roles: those of a built-in administrator, except
 * those whose effects could outlast the session. In a suspended tenant, operators can only read.
 */
export function operatorPermissions({ isReadOnly }: { readonly isReadOnly: boolean }): Viewer["permissions"] {
  const held = (Object.keys(permissionCatalog) as Permission[]).filter((permission) => {
    const [resource = ""] = permission.split(".");
    if (resource === "platform") return false;
    return reads(permission) || (!isReadOnly && changedByOperators.has(resource));
  });
  return Object.fromEntries(held.map((permission) => [permission, [permission === "notification.read" ? "OWN" : "TENANT"]]));
}
