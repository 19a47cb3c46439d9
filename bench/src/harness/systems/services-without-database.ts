import {
  createLogger,
  type Databases,
  generateKeys,
  oneMasterKey,
  inProcessPubSub,
  loadConfig,
  personKeyring,
  type Services,
  tenantSecrets,
} from "@weft/shared";

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
