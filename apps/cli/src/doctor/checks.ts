import { connect } from "node:net";
import { statfs } from "node:fs/promises";
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { connect as connectTls } from "node:tls";
import { historyOf, migrationNames, MigrationRefused } from "@weft/drizzle";
import type { Config } from "@weft/platform/config";
import { checkSandbox } from "@weft/workflows";
import { postgres } from "@weft/pg-driver";
import type { DoctorCheck } from "../output/outputs.js";

const OLDEST_NODE = 24;
const OLDEST_POSTGRES = 150_000;
const FREE_BYTES = 1_000_000_000;
const TIMEOUT_MS = 5000;

type Found = Omit<DoctorCheck, "name">;
const ok = (message: string): Found => ({ status: "ok", message, advice: null });
const warning = (message: string, advice: string): Found => ({ status: "warning", message, advice });
const failure = (message: string, advice: string): Found => ({ status: "failure", message, advice });
const skipped = (message: string): Found => ({ status: "skipped", message, advice: null });
const textOf = (error: unknown): string =>
  error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);

export function checkNode(version: string): Found {
  const [major = 0] = version.split(".").map(Number);
  if (major >= OLDEST_NODE) return ok(`Node.js ${version}`);
  return failure(
    `Node.js ${version} is too old.`,
    `Use Node.js ${OLDEST_NODE} or newer, or run \`npx --yes pnpm install\`, which brings its own.`,
  );
}

/** The keys file: there, and only its owner can read it. Its content is not read. */
export function checkKeys({ keysFile, vault, mode }: Pick<Config, "keysFile" | "vault" | "mode">): Found {
  if (vault && vault.transitKey === undefined) return skipped("The keys are in a Vault-compatible server.");
  const found = statSync(keysFile, { throwIfNoEntry: false });
  if (!found)
    return mode === "demo"
      ? warning(`${keysFile} does not exist.`, "The first start of a demo creates it.")
      : failure(`${keysFile} does not exist.`, `Create it once with \`npx --yes pnpm keys ${keysFile}\`, and keep a copy in a safe place.`);
  if (process.platform !== "win32" && (found.mode & 0o077) !== 0)
    return failure(`Others can read ${keysFile}.`, `Run \`chmod 600 ${keysFile}\`.`);
  return ok(`${keysFile}, readable only by its owner`);
}

interface DatabaseFacts {
  readonly version: number;
  readonly versionText: string;
  readonly hasMigrations: boolean;
  readonly roles: readonly string[];
}

/** Version, roles and migrations of the database. @param url of the owner, or else of the application, which cannot see migrations */
export async function checkDatabase(url: string): Promise<{ name: string; found: Found }[]> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: TIMEOUT_MS / 1000,
    onnotice: () => undefined,
    connection: { application_name: "weft doctor" },
  });
  try {
    const [facts] = await sql<DatabaseFacts[]>`select current_setting('server_version_num')::int as version,
      current_setting('server_version') as "versionText",
      to_regclass('app_migrations.schema_migrations') is not null as "hasMigrations",
      (select coalesce(array_agg(rolname::text order by rolname), '{}') from pg_roles where rolname in ('weft_app', 'weft_worker', 'weft_auth')) as roles`;
    if (!facts) throw new Error("it returned nothing");
    return [
      { name: "database", found: versionOf(facts) },
      { name: "roles", found: rolesOf(facts) },
      {
        name: "migrations",
        found: facts.hasMigrations ? await migrationsOf(sql) : failure("The database is empty.", "Run `npx --yes pnpm migrate`."),
      },
    ];
  } catch (error) {
    return [
      {
        name: "database",
        found: failure(
          `The database cannot be reached: ${textOf(error)}`,
          "Check DATABASE_URL, and that PostgreSQL runs and accepts this machine.",
        ),
      },
    ];
  } finally {
    await sql.end({ timeout: 1 }).catch(() => undefined);
  }
}

const versionOf = ({ version, versionText }: DatabaseFacts): Found =>
  version >= OLDEST_POSTGRES
    ? ok(`PostgreSQL ${versionText}`)
    : failure(`PostgreSQL ${versionText} is too old.`, "Weft needs 15 or newer.");

function rolesOf({ roles }: DatabaseFacts): Found {
  const missing = ["weft_app", "weft_worker", "weft_auth"].filter((role) => !roles.includes(role));
  if (missing.length === 0) return ok(roles.join(", "));
  return warning(
    `The roles ${missing.join(", ")} do not exist.`,
    "`npx --yes pnpm migrate` creates them, unless your roles have other names.",
  );
}

async function migrationsOf(sql: postgres.Sql): Promise<Found> {
  const known = migrationNames();
  let ran: string[];
  try {
    ran = (await sql<{ name: string }[]>`select name from app_migrations.schema_migrations order by run_on, id`).map(({ name }) => name);
  } catch (error) {
    return skipped(`Migrations are visible to the owner only (${textOf(error)}). Set DATABASE_OWNER_URL to check them.`);
  }
  return comparedMigrations(ran, known);
}

/** Compares the numbered migrations that a database has run with those of this version. */
function comparedMigrations(ran: readonly string[], known: readonly string[]): Found {
  try {
    const { current } = historyOf(ran, known);
    const missing = known.filter((name) => !current.includes(name));
    const later = current.filter((name) => !known.includes(name));
    if (missing.length > 0)
      return failure(`${missing.length} migrations have not run, the first is ${missing[0]}.`, "Run `npx --yes pnpm migrate`.");
    if (later.length > 0) return warning(`The database has ${later.length} migrations of a later version.`, "Upgrade this installation.");
    return ok(`all ${known.length} have run`);
  } catch (error) {
    if (error instanceof MigrationRefused) return failure(error.message, "See docs/how-to/upgrade.md.");
    throw error;
  }
}

/** Asks Redis for a sign of life. A server that wants a password has answered as well. */
export async function checkRedis(redisUrl: string | undefined): Promise<Found> {
  if (redisUrl === undefined) return skipped("REDIS_URL is not set. One process needs no Redis.");
  const url = new URL(redisUrl);
  try {
    const answer = await exchange(url, "PING\r\n");
    if (/^\+PONG|^-NOAUTH/.test(answer)) return ok(`Redis at ${url.hostname}:${url.port || 6379}`);
    return failure(`${url.hostname} does not answer as Redis does.`, "Check REDIS_URL.");
  } catch (error) {
    return failure(`Redis cannot be reached: ${textOf(error)}`, "Check REDIS_URL, and that Redis runs.");
  }
}

const exchange = ({ hostname, port, protocol }: URL, message: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { host: hostname, port: Number(port || 6379) };
    const socket = protocol === "rediss:" ? connectTls({ ...options, servername: hostname }) : connect(options);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
    socket.once("data", (data) => {
      resolve(String(data));
      socket.destroy();
    });
    socket.write(message);
  });

/** Whether steps can run programs. */
export async function checkPrograms(kind: Config["sandbox"]): Promise<Found> {
  if (kind === "off") return skipped("Programs are off (WEFT_SANDBOX=off).");
  const check = await checkSandbox(kind);
  const advice = "Until then, `script` and `shell` steps are refused.";
  if (!check.isUsable) return kind === "bubblewrap" ? failure(check.reason, advice) : warning(check.reason, advice);
  return check.networkProblem === null
    ? ok("Programs of steps run in bubblewrap.")
    : warning(check.networkProblem, "Until then, steps with `network: true` are refused.");
}

/** Whether the port is free, or Weft answers there. */
export async function checkPort({ host, port }: Pick<Config, "host" | "port">): Promise<Found> {
  if (port === 0) return skipped("PORT is 0: any free port.");
  const address = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const base = `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  try {
    const response = await fetch(`${base}/health/live`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok ? ok(`Weft runs at ${base}.`) : failure(`Another program uses port ${port}.`, "Stop it, or set PORT.");
  } catch (error) {
    const code = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
    return code === "ECONNREFUSED"
      ? ok(`Port ${port} is free. Weft does not run there.`)
      : failure(`Another program uses port ${port}.`, "Stop it, or set PORT.");
  }
}

export async function checkDisk(folder: string): Promise<Found> {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const text = `${(free / 1e9).toFixed(1)} GB are free for ${folder}`;
  return free < FREE_BYTES ? warning(text, "Make room: PostgreSQL stops when the disk is full.") : ok(text);
}
