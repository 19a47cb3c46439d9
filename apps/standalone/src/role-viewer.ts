import { builtInRoles } from "@weft/identity";
import type { BuiltInRole } from "@weft/identity";
import { type Permission, permissionCatalog, type Scope, scopes, type Viewer } from "@weft/shared/viewer";

/** Returns a viewer who has only this role, for evaluating rules that depend on the viewer. */
export function viewerWith(role: BuiltInRole): Viewer {
  const held = (Object.keys(permissionCatalog) as Permission[]).map((permission) => [permission, scopesIn(role, permission)] as const);
  const id = "00000000-0000-7000-8000-000000000000";
  return {
    tenantId: id,
    tenantSlug: "example",
    userId: id,
    userType: "EMPLOYEE",
    vendorId: role === builtInRoles.vendor_user ? id : null,
    sessionId: id,
    apiKey: null,
    operatorId: null,
    authenticatedAt: null,
    isRestricted: false,
    roles: [],
    teamIds: [],
    ledTeamIds: [],
    permissions: Object.fromEntries(held.filter(([, inScopes]) => inScopes.length > 0)),
    denials: {},
    rightsVersion: "1",
  };
}

/** Returns the scopes in which a role grants a permission. */
export function scopesIn({ grants }: BuiltInRole, permission: Permission): Scope[] {
  return scopes.filter((scope) => grants.some((grant) => grant.permission === permission && grant.scope === scope));
}
