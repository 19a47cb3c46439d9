import { isPermission, isPlatformPermission } from "./permissions.js";
import type { ScopesByPermission, Scope } from "./viewer.js";

/** Grants or denials as they are stored, by permission. Those of the platform count in its own tenant alone. */
export function permissionsHeld(listed: readonly (readonly [string, Scope])[], tenantKind: "CUSTOMER" | "PLATFORM"): ScopesByPermission {
  const scopes: ScopesByPermission = {};
  for (const [permission, scope] of listed) {
    // A permission that this version no longer knows gives nothing.
    if (!isPermission(permission) || (tenantKind !== "PLATFORM" && isPlatformPermission(permission))) continue;
    const held = (scopes[permission] ??= []);
    if (!held.includes(scope)) held.push(scope);
  }
  return scopes;
}
