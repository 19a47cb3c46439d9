import type { Config } from "../config/config.js";
import type { Keys } from "../config/keys.js";
import type { Databases } from "../db/database.js";
import type { Logger } from "../logging/logger.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import type { PubSub } from "../pubsub/pubsub.js";

/** What a process has one of; made by its composition root and handed down. */
export interface Services {
  readonly config: Config;
  readonly keys: Keys;
  readonly log: Logger;
  readonly databases: Databases;
  readonly pubsub: PubSub;
  /** Seals and opens personal values. */
  readonly keyring: PersonKeyring;
}
