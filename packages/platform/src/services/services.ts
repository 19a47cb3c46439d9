import type { Config } from "../config/config.js";
import type { Keys } from "../config/keys.js";
import type { Databases } from "../db/database.js";
import type { Logger } from "../logging/logger.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import type { PubSub } from "../pubsub/pubsub.js";
import type { TenantSecrets } from "../secrets/tenant-secrets.js";

/** Objects that exist once per process. The composition root creates them and passes them down. */
export interface Services {
  readonly config: Config;
  readonly keys: Keys;
  readonly log: Logger;
  readonly databases: Databases;
  readonly pubsub: PubSub;
  /** Encrypts and decrypts personal values. */
  readonly keyring: PersonKeyring;
  /** Encrypts and decrypts the secrets of tenants. */
  readonly secrets: TenantSecrets;
}
