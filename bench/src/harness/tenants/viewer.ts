import { newId } from "@weft/shared/ids";
import { isPermission, permissionCatalog, type Scope, type Viewer } from "@weft/shared/viewer";

/** Returns a viewer with all permissions in the tenant. */
export function everythingViewer(tenantId: string = newId(), userId: string = newId()): Viewer {
  const all = Object.keys(permissionCatalog).filter(isPermission);
  return {
    tenantId,
    tenantSlug: "bench",
    userId,
    userType: "EMPLOYEE",
    vendorId: null,
    sessionId: newId(),
    apiKey: null,
    operatorId: null,
    authenticatedAt: null,
    isRestricted: false,
    roles: ["admin", "operations"],
    teamIds: [],
    ledTeamIds: [],
    permissions: Object.fromEntries(all.map((permission) => [permission, ["TENANT"] satisfies Scope[]])),
    denials: {},
    rightsVersion: "1",
  };
}
