import type { CallContext } from "../viewer/call-context.js";
import { newId } from "../ids/uuid-v7.js";
import type { Viewer } from "../viewer/viewer.js";

/** Returns a viewer with only the given rights. */
export function aViewer(given: Partial<Viewer>): Viewer {
  return {
    tenantId: newId(),
    tenantSlug: "acme",
    userId: newId(),
    userType: "EMPLOYEE",
    vendorId: null,
    sessionId: newId(),
    apiKey: null,
    operatorId: null,
    authenticatedAt: null,
    isRestricted: false,
    roles: [],
    teamIds: [],
    ledTeamIds: [],
    permissions: {},
    denials: {},
    rightsVersion: "1",
    ...given,
  };
}

/** Returns the call context that the gateway would send for a viewer. */
export const aCall = (viewer: Viewer | null): CallContext => ({
  viewer,
  requestId: "test-request",
  address: "192.0.2.1",
  userAgent: "test",
  traceId: null,
});
