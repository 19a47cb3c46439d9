import { isPermission, isPlatformPermission } from "./permissions.js";
import type { ScopesByPermission, Scope } from "./viewer.js";

/** Returns stored grants or denials by permission. Platform permissions are effective only in the platform tenant. */
export function permissionsHeld(listed: readonly (readonly [string, Scope])[], tenantKind: "CUSTOMER" | "PLATFORM"): ScopesByPermission {
  const scopes: ScopesByPermission = {};
  for (const [permission, scope] of listed) {
    // A permission that this version does not know has no effect.
    if (!isPermission(permission) || (tenantKind !== "PLATFORM" && isPlatformPermission(permission))) continue;
    const held = (scopes[permission] ??= []);
    if (!held.includes(scope)) held.push(scope);
  }
  return scopes;
}
