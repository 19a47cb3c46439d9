import { permissionCatalogue } from "./permissions.js";
import type { Permission } from "./permissions.js";
import type { Viewer } from "./viewer.js";

/**
 * What a platform operator may change in somebody's tenant: its business. Resources that are not here (users, roles, teams, the tenant, its
 * configuration, whatever comes) he only reads: with them he could leave something that lets him in when his time is over.
 */
const changedByOperators: ReadonlySet<string> = new Set([
  "definition",
  "workflow",
  "task",
  "request",
  "requestType",
  "building",
  "asset",
  "vendor",
  "project",
  "audit",
]);

const reads = (permission: Permission): boolean => /\.(read|verify)$/.test(permission);

/**
 * The permissions of a platform operator who acts in a tenant, whatever the tenant's roles say: what a shipped administrator holds, without all
 * that could outlast the session. In a suspended tenant he only reads.
 */
export function operatorPermissions({ isReadOnly }: { readonly isReadOnly: boolean }): Viewer["permissions"] {
  const held = (Object.keys(permissionCatalogue) as Permission[]).filter((permission) => {
    const [resource = ""] = permission.split(".");
    if (resource === "platform") return false;
    return reads(permission) || (!isReadOnly && changedByOperators.has(resource));
  });
  return Object.fromEntries(held.map((permission) => [permission, [permission === "notification.read" ? "OWN" : "TENANT"]]));
}
