import type { Config } from "../config/config.js";
import { withDatabaseUrls } from "../config/database-urls.js";
import type { Keys } from "../config/keys.js";
import type { SecretValues } from "../config/sources/secret-changes.js";
import type { Databases, RoleUrls } from "./database.js";
import { openDatabases } from "./open.js";

/** Settings with the URLs of the roles. The pool for health checks has the URL of the application. */
const settingOf = { app: "DATABASE_URL", worker: "DATABASE_WORKER_URL", auth: "DATABASE_AUTH_URL" } as const;

/**
 * Opens the pools of a configuration with every database URL set, and follows URLs that are replaced: new connections use the new credentials, and running
 * transactions end on the former ones. If the server refuses a login, the sources of the URLs are read at once.
 * @throws as `openDatabases`
 */
export async function openConfiguredDatabases(config: Config, keys: Keys): Promise<Databases> {
  const { secretChanges } = config;
  if (secretChanges === undefined) return openDatabases(config.database);
  const databases = await openDatabases(config.database, { askForUrl: (role) => secretChanges.readAgain([settingOf[role]]) });
  let values: SecretValues = {};
  // Each alone: a role does not wait for the transactions of another one, nor for a file with its URL.
  const ends = Object.values(settingOf).map((name) =>
    secretChanges.onReplaced([name], (replaced) => {
      values = { ...values, ...replaced };
      return databases.replaceUrls(urlsOf(config, keys, values));
    }),
  );
  return {
    ...databases,
    close: () => {
      for (const end of ends) end();
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
