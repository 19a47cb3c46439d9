import { generateKeys } from "../config/keys.js";
import { loadConfig } from "../config/load.js";
import type { Services } from "../services/services.js";
import type { Databases } from "../db/database.js";
import { createLogger } from "../logging/logger.js";
import { personKeyring } from "../privacy/keyring.js";
import { inProcessPubSub } from "../pubsub/in-process.js";
import { oneMasterKey } from "../secrets/master-keys.js";
import { tenantSecrets } from "../secrets/tenant-secrets.js";

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
