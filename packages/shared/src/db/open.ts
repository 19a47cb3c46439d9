import type { Database, DatabaseRole, Databases } from "./database.js";
import { isolationProblems } from "./isolation-checks.js";
import type { Logins } from "./isolation-checks.js";
import { openPool } from "./pool.js";
import { poolSizesOf, timeoutsOf } from "./settings.js";
import type { DatabaseSettings } from "./settings.js";
import { problemsOf } from "./start-checks.js";

/**
 * Opens the pools and refuses to start on anything that would undermine them: a superuser, BYPASSRLS, a role that owns tables, a server older than 15,
 * more connections than the server gives, a database without tables, tables whose rows are not kept apart as the migrations wrote it.
 *
 * @throws Error that lists every problem with what to do; ServiceUnavailable when the server cannot be reached
 */
export async function openDatabases(settings: DatabaseSettings): Promise<Databases> {
  const sizes = poolSizesOf(settings);
  const timeouts = timeoutsOf(settings);
  const open = (role: DatabaseRole, url: string | undefined): Database =>
    url === undefined ? absent(role) : openPool(role, url, sizes[role], timeouts);
  if (settings.appUrl === undefined) throw new Error("Weft has no database: set DATABASE_URL, or DATABASE_OWNER_URL to derive it from.");
  const app = open("app", settings.appUrl);
  const worker = open("worker", settings.workerUrl);
  const auth = open("auth", settings.authUrl);
  const health = open("health", settings.appUrl);
  const present = [app, ...(settings.workerUrl === undefined ? [] : [worker]), ...(settings.authUrl === undefined ? [] : [auth])];
  const close = async () => {
    await Promise.all([app, worker, auth, health].map((db) => db.close()));
  };
  try {
    // A pool that is absent here takes none of the budget.
    const budget = {
      ...sizes,
      worker: settings.workerUrl === undefined ? 0 : sizes.worker,
      auth: settings.authUrl === undefined ? 0 : sizes.auth,
    };
    const problems = await Promise.all(present.map((db) => problemsOf(db, budget, settings.processes ?? 1)));
    const all = [...new Set(problems.flat())];
    // A login that may do everything, or sees no table, would be told the same again in many more words.
    if (all.length === 0) all.push(...(await isolationProblems(app, loginsOf(settings))));
    if (all.length > 0) throw new Error(`The database cannot be used as it is:\n- ${all.join("\n- ")}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { app, worker, auth, health, close };
}

function loginsOf({ appUrl, workerUrl, authUrl }: DatabaseSettings): Logins {
  const urls = Object.entries({ app: appUrl, worker: workerUrl, auth: authUrl });
  return Object.fromEntries(
    urls.flatMap(([role, url]) => {
      const name = url === undefined ? "" : decodeURIComponent(new URL(url).username);
      return name === "" ? [] : [[role, name]];
    }),
  );
}

/** Stands where a process was given no login for a role, and says so when somebody uses it. */
function absent(role: DatabaseRole): Database {
  const refuse = () => Promise.reject(new Error(`This process has no login of the role ${role}: set DATABASE_${role.toUpperCase()}_URL.`));
  return {
    role,
    begin: refuse,
    transact: refuse,
    statement: refuse,
    onStatement: undefined,
    load: () => ({ inUse: 0, waiting: 0, size: 0 }),
    close: () => Promise.resolve(),
  };
}
