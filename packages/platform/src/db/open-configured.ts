import type { Config } from "../config/config.js";
import { withDatabaseUrls } from "../config/database-urls.js";
import type { Keys } from "../config/keys.js";
import type { SecretValues } from "../config/sources/secret-changes.js";
import type { SecretName } from "../config/settings.js";
import type { Databases, RoleUrls } from "./database.js";
import { openDatabases } from "./open.js";

const names: readonly SecretName[] = ["DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_AUTH_URL"];

/**
 * Opens the pools of a configuration with every database URL set, and follows URLs that are replaced: new connections use the new credentials, and running
 * transactions end on the former ones. If the server refuses a login, the sources of the URLs are read at once.
 * @throws as `openDatabases`
 */
export async function openConfiguredDatabases(config: Config, keys: Keys): Promise<Databases> {
  const { secretChanges } = config;
  if (secretChanges === undefined) return openDatabases(config.database);
  const databases = await openDatabases(config.database, { askForUrls: () => secretChanges.readAgain(names) });
  const end = secretChanges.onReplaced(names, (values) => databases.replaceUrls(urlsOf(config, keys, values)));
  return {
    ...databases,
    close: () => {
      end();
      return databases.close();
    },
  };
}

function urlsOf(config: Config, keys: Keys, { DATABASE_URL, DATABASE_WORKER_URL, DATABASE_AUTH_URL }: SecretValues): RoleUrls {
  const database = {
    ...config.database,
    ...(DATABASE_URL !== undefined && { appUrl: DATABASE_URL }),
    ...(DATABASE_WORKER_URL !== undefined && { workerUrl: DATABASE_WORKER_URL }),
    ...(DATABASE_AUTH_URL !== undefined && { authUrl: DATABASE_AUTH_URL }),
  };
  return withDatabaseUrls({ ...config, database }, keys).database;
}
