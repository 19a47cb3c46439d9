import { generateKeys, loadConfig } from "@weft/platform/config";
import type { Databases } from "@weft/platform/db";
import { createLogger } from "@weft/platform/logging";
import { personKeyring } from "@weft/platform/privacy";
import { inProcessPubSub } from "@weft/platform/pubsub";
import { oneMasterKey, tenantSecrets } from "@weft/platform/secrets";
import type { Services } from "@weft/platform/services";

/** Returns services for a bench that does not use a database. Any database access would fail. */
export function servicesWithoutDatabase(): Services {
  const keys = generateKeys();
  const config = loadConfig({ LOG_LEVEL: "silent" });
  const databases = {} as Databases;
  return {
    config,
    keys,
    log: createLogger(config),
    databases,
    pubsub: inProcessPubSub(),
    keyring: personKeyring(oneMasterKey(keys.masterKey)),
    secrets: tenantSecrets(oneMasterKey(keys.masterKey)),
  };
}
