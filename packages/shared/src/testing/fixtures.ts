import { generateKeys } from "../config/keys.js";
import { loadConfig } from "../config/load.js";
import type { CallContext } from "../context/call-context.js";
import type { Services } from "../context/services.js";
import type { Databases } from "../db/database.js";
import { newId } from "../ids/uuid-v7.js";
import { createLogger } from "../logging/logger.js";
import { personKeyring } from "../privacy/keyring.js";
import { inProcessPubSub } from "../pubsub/in-process.js";
import { oneMasterKey } from "../secrets/master-keys.js";
import { tenantSecrets } from "../secrets/tenant-secrets.js";
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

/** Returns services for tests without a database. Any use of the database fails. */
export function servicesWithoutDatabase(databases: Partial<Databases> = {}): Services {
  const keys = generateKeys();
  const config = loadConfig({ LOG_LEVEL: "silent" });
  return {
    config,
    keys,
    log: createLogger(config),
    databases: databases as Databases,
    pubsub: inProcessPubSub(),
    keyring: personKeyring(oneMasterKey(keys.masterKey)),
    secrets: tenantSecrets(oneMasterKey(keys.masterKey)),
  };
}
