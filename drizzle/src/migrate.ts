import { readdirSync } from "node:fs";
import { parse } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import postgres from "postgres";
import { applyGrants } from "./grants.js";
import { applyRepeatables, undoRepeatables } from "./repeatable/apply.js";
import { type RepeatableSet, readRepeatables } from "./repeatable/files.js";
import { type OnLaterVersion, isDue } from "./repeatable/is-due.js";
import { ensureOwner, ensureRoles, quote } from "./roles.js";
import type { Roles } from "./roles.js";
import { socketAddress } from "./socket-address.js";

export interface MigrateOptions {
  /** URL of a role that can create objects. A superuser switches to `ownerName` before anything is created. */
  readonly ownerUrl: string;
  readonly roles: Roles;
  /** Default: `weft_owner`. Only used if the role of `ownerUrl` is a superuser. */
  readonly ownerName?: string;
  /** Default: `up`. */
  readonly direction?: "up" | "down";
  /** Number of migrations. Default: all for `up`, one for `down`. */
  readonly count?: number;
  /**
   * What to do if this version's functions were applied and a later version of Weft has since applied its own. `keepInUse`, the default, keeps them
   * while other processes of Weft are connected, because processes of the earlier version can still start during a deployment. `apply` restores those
   * of this version.
   */
  readonly onLaterVersion?: OnLaterVersion;
  /** Receives each step. Default: silent. */
  readonly log?: (message: string) => void;
  /** Directory of `functions/`, `triggers/` and `policies/`. Default: the directory of this package. */
  readonly repeatables?: string;
}

const packageRoot = fileURLToPath(new URL("..", import.meta.url));
const directory = `${packageRoot}migrations`;

/** "weft" in ASCII. Processes that start at the same time wait here. The runner also has its own lock. */
const lockKey = 0x77656674;

/**
 * Updates a database to the current tables, functions, roles, privileges and policies: first the numbered migrations, then the changed files of
 * functions, triggers and policies, then the privileges. Each migration is one transaction, and all files together are one transaction. If one fails,
 * the previous state remains and the migration can be run again. Any number of processes can call it concurrently. Every object belongs to the owner
 * role.
 *
 * `down` undoes numbered migrations, and restores the functions, triggers and policies as they were at that migration.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const log = options.log ?? (() => undefined);
  const set = readRepeatables(options.repeatables ?? packageRoot);
  const address = socketAddress(options.ownerUrl);
  const sql = postgres(address.url, {
    ...address.options,
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: "weft migrate" },
  });
  try {
    await sql`select pg_advisory_lock(${lockKey})`;
    await ensureRoles(sql, options.roles);
    const owner = await ensureOwner(sql, options.ownerName ?? "weft_owner");
    if (options.direction === "down") await undoBeforeDown(sql, { owner, count: options.count ?? 1, log });
    if (options.direction !== "down" && (await hasRunAll(sql, owner))) log("No migrations to run!");
    else await runMigrations(options, owner, log);
    await sql.unsafe(`set role ${quote(owner)}`);
    if (options.direction !== "down")
      await applyAfterUp(sql, { set, onLaterVersion: options.onLaterVersion ?? "keepInUse", roles: options.roles, log });
    await sql.begin(async (tx) => applyGrants(tx as unknown as postgres.Sql, options.roles));
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Names of the numbered migrations of this version, in order. */
export const migrationNames = (): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .map((name) => parse(name).name)
    .toSorted();

/**
 * Whether exactly this version's numbered migrations have run, in their order, so that the runner would do nothing. Loading it and its PostgreSQL
 * client took a tenth of a start.
 */
async function hasRunAll(sql: postgres.Sql, owner: string): Promise<boolean> {
  const [found] = await sql<{ isThere: boolean }[]>`select to_regclass('app_migrations.schema_migrations') is not null as "isThere"`;
  if (found?.isThere !== true) return false;
  return sql.begin(async (begun) => {
    const tx = begun as unknown as postgres.Sql;
    await tx.unsafe(`set local role ${quote(owner)}`);
    const ran = await tx<{ name: string }[]>`select name from app_migrations.schema_migrations order by run_on, id`;
    return isDeepStrictEqual(
      ran.map(({ name }) => name),
      migrationNames(),
    );
  });
}

async function runMigrations(options: MigrateOptions, owner: string, log: (message: string) => void): Promise<void> {
  const { runner } = await import("node-pg-migrate");
  await runner({
    // Sets the role for the whole connection, so that no object is ever owned by a superuser.
    databaseUrl: { connectionString: options.ownerUrl, options: `-c role=${owner}`, application_name: "weft migrate" },
    dir: directory,
    direction: options.direction ?? "up",
    ...(options.count === undefined ? {} : { count: options.count }),
    migrationsSchema: "app_migrations",
    createMigrationsSchema: true,
    migrationsTable: "schema_migrations",
    advisoryLockMode: "wait",
    // By default, the runner logs the text of each migration.
    verbose: false,
    log,
  });
}

interface Down {
  /** Role that owns the tables. */
  readonly owner: string;
  /** Number of numbered migrations. */
  readonly count: number;
  readonly log: (message: string) => void;
}

async function undoBeforeDown(sql: postgres.Sql, { owner, count, log }: Down): Promise<void> {
  const [found] = await sql<{ isThere: boolean }[]>`select to_regclass('app_migrations.repeatable') is not null as "isThere"`;
  if (found?.isThere !== true) return;
  await sql.begin(async (begun) => {
    const tx = begun as unknown as postgres.Sql;
    await tx.unsafe(`set local role ${quote(owner)}`);
    const [ran] = await tx<{ level: number }[]>`select count(*)::int as level from app_migrations.schema_migrations`;
    await undoRepeatables(tx, Math.max(0, (ran?.level ?? 0) - count), log);
  });
}

interface Up {
  readonly set: RepeatableSet;
  readonly onLaterVersion: OnLaterVersion;
  readonly roles: Roles;
  readonly log: (message: string) => void;
}

async function applyAfterUp(sql: postgres.Sql, { set, onLaterVersion, roles, log }: Up): Promise<void> {
  const latest = migrationNames().length;
  const logins = Object.values(roles).map(({ name }) => name);
  const level = await isDue(sql, { setHash: set.hash, latest, logins, onLaterVersion, log });
  if (level === undefined) return;
  await sql.begin(async (tx) => applyRepeatables(tx as unknown as postgres.Sql, { set, level, log }));
}
