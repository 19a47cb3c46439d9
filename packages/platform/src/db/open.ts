import type { DatabaseRole, Databases, RoleUrls } from "./database.js";
import { isolationProblems } from "./checks/isolation-checks.js";
import type { Logins } from "./logins.js";
import { openPool, type ReplaceableDatabase } from "./pool.js";
import { roleOfUrl } from "./role-of-url.js";
import { poolSizesOf, timeoutsOf } from "./settings.js";
import type { DatabaseSettings } from "./settings.js";
import { connectionRefusal } from "./checks/connection-refusal.js";
import { problemsOf, setting } from "./checks/start-checks.js";

export interface OpenOptions {
  /** Asks for another URL, because the server has refused the login of a role. Returns whether there is one, which `replaceUrls` was called with. */
  readonly askForUrl?: ((role: "app" | "worker" | "auth") => Promise<boolean>) | undefined;
}

/**
 * Opens the pools. Refuses to start on anything that would undermine them: a superuser, BYPASSRLS, a role that owns tables, a server older than 15,
 * more connections than the server allows, a database without tables, or tables whose rows are not isolated as the migrations specify.
 *
 * @throws Error that lists every problem and its solution; StartRefused if the server cannot be reached
 */
export async function openDatabases(settings: DatabaseSettings, options: OpenOptions = {}): Promise<Databases> {
  const { databases, problems } = await openAndCheck(settings, options);
  if (problems.length === 0) return databases;
  await databases.close();
  throw new Error(`The database cannot be used in its current state:\n- ${problems.join("\n- ")}`);
}

/** Returns why `openDatabases` would refuse a database that can be reached. Empty if it would not. @throws StartRefused if it cannot be reached */
export async function problemsOfDatabases(settings: DatabaseSettings): Promise<readonly string[]> {
  const { databases, problems } = await openAndCheck(settings);
  await databases.close();
  return problems;
}

async function openAndCheck(
  settings: DatabaseSettings,
  { askForUrl }: OpenOptions = {},
): Promise<{ databases: Databases; problems: readonly string[] }> {
  const sizes = poolSizesOf(settings);
  const timeouts = timeoutsOf(settings);
  const open = (role: DatabaseRole, url: string | undefined): ReplaceableDatabase =>
    url === undefined
      ? absent(role)
      : openPool(role, { url, size: sizes[role], timeouts, askForUrl: askForUrl && (() => askForUrl(role === "health" ? "app" : role)) });
  if (settings.appUrl === undefined)
    throw new Error("No database is configured. Set DATABASE_URL, or set DATABASE_OWNER_URL to derive it.");
  const app = open("app", settings.appUrl);
  const worker = open("worker", settings.workerUrl);
  const auth = open("auth", settings.authUrl);
  const health = open("health", settings.appUrl);
  const present = [app, ...(settings.workerUrl === undefined ? [] : [worker]), ...(settings.authUrl === undefined ? [] : [auth])];
  const close = async () => {
    await Promise.all([app, worker, auth, health].map((db) => db.close()));
  };
  const replaceUrls = async ({ appUrl, workerUrl, authUrl }: RoleUrls): Promise<void> => {
    const pools = { app: [app, health], worker: [worker], auth: [auth] } as const;
    const former = [
      replacedIn(pools.app, { former: current.appUrl, url: appUrl }),
      replacedIn(pools.worker, { former: current.workerUrl, url: workerUrl }),
      replacedIn(pools.auth, { former: current.authUrl, url: authUrl }),
    ];
    current = { appUrl, workerUrl, authUrl };
    await Promise.all(former.flat());
  };
  let current: RoleUrls = settings;
  try {
    // A pool that this process does not have takes none of the budget.
    const budget = {
      ...sizes,
      worker: settings.workerUrl === undefined ? 0 : sizes.worker,
      auth: settings.authUrl === undefined ? 0 : sizes.auth,
    };
    const urls: Readonly<Partial<Record<DatabaseRole, string | undefined>>> = {
      app: settings.appUrl,
      worker: settings.workerUrl,
      auth: settings.authUrl,
    };
    const problems = await Promise.all(
      present.map((db) =>
        problemsOf(db, budget, settings.processes ?? 1).catch((error: unknown) => {
          throw connectionRefusal(error, { setting: setting[db.role], url: urls[db.role] ?? "" }) ?? error;
        }),
      ),
    );
    const all = [...new Set(problems.flat())];
    // For a login that can do everything, or that sees no table, the isolation checks would only repeat the same problem at length.
    if (all.length === 0) all.push(...(await isolationProblems(app, loginsOf(settings))));
    return { databases: { app, worker, auth, health, replaceUrls, close }, problems: all };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A role without a URL keeps having none: its pool was not opened. */
const replacedIn = (
  pools: readonly ReplaceableDatabase[],
  { former, url }: { readonly former: string | undefined; readonly url: string | undefined },
): Promise<void>[] => (url === undefined || former === undefined || url === former ? [] : pools.map((pool) => pool.replaceUrl(url)));

function loginsOf({ appUrl, workerUrl, authUrl }: DatabaseSettings): Logins {
  const urls = Object.entries({ app: appUrl, worker: workerUrl, auth: authUrl });
  return Object.fromEntries(
    urls.flatMap(([role, url]) => {
      const name = url === undefined ? "" : roleOfUrl(url);
      return name === "" ? [] : [[role, name]];
    }),
  );
}

/** Returns a placeholder for a role that the process has no login for. It rejects any use with an explanation. */
function absent(role: DatabaseRole): ReplaceableDatabase {
  const refuse = () => Promise.reject(new Error(`This process has no login for the role ${role}. Set DATABASE_${role.toUpperCase()}_URL.`));
  return {
    role,
    begin: refuse,
    transact: refuse,
    statement: refuse,
    onStatement: undefined,
    load: () => ({ inUse: 0, waiting: 0, size: 0 }),
    replaceUrl: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
