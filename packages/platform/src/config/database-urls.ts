import { roleOfUrl } from "../db/role-of-url.js";
import type { Config } from "./config.js";
import type { Keys } from "./keys.js";
import { ConfigError } from "./config-error.js";

/** Login roles of the database, by purpose. `migrate` creates them with these passwords. */
export interface RoleSettings {
  readonly app: { readonly name: string; readonly password: string };
  readonly worker: { readonly name: string; readonly password: string };
  readonly auth: { readonly name: string; readonly password: string };
}

const roleUrls = { app: "appUrl", worker: "workerUrl", auth: "authUrl" } as const;
const defaultNames = { app: "weft_app", worker: "weft_worker", auth: "weft_auth" } as const;
type Role = keyof typeof roleUrls;

/** Returns the name and password of each role: from its URL if one is set, otherwise the default name and the password in the keys file. */
export function roleSettings(config: Config, keys: Keys): RoleSettings {
  const of = (role: Role) => {
    const given = config.database[roleUrls[role]];
    const url = given === undefined ? undefined : new URL(given);
    // The password of a leased user is not that of the role that it takes over.
    const isLeased = url?.searchParams.has("role") === true;
    return {
      name: (given && roleOfUrl(given)) || defaultNames[role],
      password: url?.password && !isLeased ? decodeURIComponent(url.password) : keys.databasePasswords[role],
    };
  };
  return { app: of("app"), worker: of("worker"), auth: of("auth") };
}

/**
 * Returns the configuration with every database URL set. Missing URLs are derived from the owner's, with the roles of `roleSettings`.
 * @param ownerUrl URL of the bundled PostgreSQL or of a test. Default: the configured one.
 * @throws ConfigError if there is nothing to derive a URL from
 */
export function withDatabaseUrls(config: Config, keys: Keys, ownerUrl: string | undefined = config.database.ownerUrl): Config {
  const roles = roleSettings(config, keys);
  const missing: string[] = [];
  const urlOf = (role: Role, name: string): string => {
    const given = config.database[roleUrls[role]];
    const source = given ?? ownerUrl ?? config.database.appUrl;
    if (source === undefined) {
      missing.push(`${name}: is not set, and DATABASE_OWNER_URL, from which it can be derived, is not set either`);
      return "";
    }
    const url = new URL(source);
    // A URL with a leased user is complete. The role of the owner's does not suit the others.
    if (given !== undefined && url.searchParams.has("role")) return given;
    url.searchParams.delete("role");
    url.username = encodeURIComponent(roles[role].name);
    url.password = encodeURIComponent(roles[role].password);
    return url.href;
  };
  const urls = {
    appUrl: urlOf("app", "DATABASE_URL"),
    workerUrl: urlOf("worker", "DATABASE_WORKER_URL"),
    authUrl: urlOf("auth", "DATABASE_AUTH_URL"),
  };
  if (missing.length > 0) throw new ConfigError(missing);
  return { ...config, database: { ...config.database, ...(ownerUrl !== undefined && { ownerUrl }), ...urls } };
}
