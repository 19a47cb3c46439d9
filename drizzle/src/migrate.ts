import { readdirSync } from "node:fs";
import { parse } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { postgres } from "@weft/pg-driver";
import { assertNoTenants, baseline, forgetBaseline, type History, historyOf, recordBaseline } from "./baseline.js";
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
  /** Directory of the numbered migrations. Default: the directory of this package. */
  readonly migrations?: string;
}

const packageRoot = fileURLToPath(new URL("..", import.meta.url));
const packageMigrations = `${packageRoot}migrations`;

/** "weft" in ASCII. Processes that start at the same time wait here. The runner also has its own lock. */
const lockKey = 0x77656674;

/**
 * Updates a database to the current tables, functions, roles, privileges and policies: first the numbered migrations, then the changed files of
 * functions, triggers and policies, then the privileges. Each migration is one transaction, and all files together are one transaction. If one fails,
 * the previous state remains and the migration can be run again. Any number of processes can call it concurrently. Every object belongs to the owner
 * role.
 *
 * A database from before the baseline keeps its tables: if it has run all migrations that the baseline replaces, the baseline is recorded as run.
 *
 * `down` undoes numbered migrations, and restores the functions, triggers and policies as they were at that migration. For a database from before the
 * baseline, undoing the baseline removes the record only.
 *
 * @throws MigrationRefused if the database has run only some of the migrations that the baseline replaces, or if undoing the baseline would delete tenants
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
    const names = migrationNames(options.migrations);
    const found = historyOf(await ranMigrations(sql), names);
    await ensureRoles(sql, options.roles);
    const owner = await ensureOwner(sql, options.ownerName ?? "weft_owner");
    const history = await withBaseline(sql, { history: found, owner, log });
    if (options.direction === "down") await undo(sql, { options, history, owner, log });
    else if (isDeepStrictEqual(history.current, names)) log("No migrations to run!");
    else await runMigrations(options, owner, log);
    await sql.unsafe(`set role ${quote(owner)}`);
    if (options.direction !== "down")
      await applyAfterUp(sql, {
        set,
        latest: history.replaced + names.length,
        onLaterVersion: options.onLaterVersion ?? "keepInUse",
        roles: options.roles,
        log,
      });
    await sql.begin(async (tx) => applyGrants(tx as unknown as postgres.Sql, options.roles));
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Names of the numbered migrations of this version, in order. */
export const migrationNames = (directory = packageMigrations): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .map((name) => parse(name).name)
    .toSorted();

/**
 * Names of the numbered migrations that have run, in their order. The runner would read them as well, but loading it and its PostgreSQL client took a
 * tenth of a start.
 */
async function ranMigrations(sql: postgres.Sql): Promise<string[]> {
  const [found] = await sql<{ isThere: boolean }[]>`select to_regclass('app_migrations.schema_migrations') is not null as "isThere"`;
  if (found?.isThere !== true) return [];
  const ran = await sql<{ name: string }[]>`select name from app_migrations.schema_migrations order by run_on, id`;
  return ran.map(({ name }) => name);
}

interface Recorded {
  readonly history: History;
  /** Role that owns the tables. */
  readonly owner: string;
  readonly log: (message: string) => void;
}

/** Records the baseline in a database that has run the migrations that it replaces. */
async function withBaseline(sql: postgres.Sql, { history, owner, log }: Recorded): Promise<History> {
  if (history.replaced === 0 || history.current.length > 0) return history;
  await asOwner(sql, owner, recordBaseline);
  log(`Recorded ${baseline}, whose tables exist`);
  return { ...history, current: [baseline] };
}

async function runMigrations(options: MigrateOptions, owner: string, log: (message: string) => void): Promise<void> {
  const { runner } = await import("node-pg-migrate");
  await runner({
    // Sets the role for the whole connection, so that no object is ever owned by a superuser.
    databaseUrl: { connectionString: options.ownerUrl, options: `-c role=${owner}`, application_name: "weft migrate" },
    dir: options.migrations ?? packageMigrations,
    direction: options.direction ?? "up",
    ...(options.count === undefined ? {} : { count: options.count }),
    migrationsSchema: "app_migrations",
    createMigrationsSchema: true,
    migrationsTable: "schema_migrations",
    // `historyOf` has checked it. The runner does not know the migrations that the baseline replaces.
    checkOrder: false,
    advisoryLockMode: "wait",
    // By default, the runner logs the text of each migration.
    verbose: false,
    log,
  });
}

interface Down extends Recorded {
  readonly options: MigrateOptions;
}

/** Undoes the last numbered migrations. The tables of a database from before the baseline are not its own to drop: it only forgets the baseline. */
async function undo(sql: postgres.Sql, { options, history, owner, log }: Down): Promise<void> {
  const count = Math.min(options.count ?? 1, history.current.length);
  if (count === 0) return log("No migrations to run!");
  const includesBaseline = count === history.current.length;
  const forgets = includesBaseline && history.replaced > 0;
  if (includesBaseline && !forgets) await asOwner(sql, owner, assertNoTenants);
  await undoBeforeDown(sql, { owner, count, log });
  const undone = forgets ? count - 1 : count;
  if (undone > 0) await runMigrations({ ...options, count: undone }, owner, log);
  if (!forgets) return;
  await asOwner(sql, owner, forgetBaseline);
  log(`Removed the record of ${baseline}. Its tables are those of the migrations before it, and remain`);
}

async function undoBeforeDown(
  sql: postgres.Sql,
  { owner, count, log }: Omit<Recorded, "history"> & { readonly count: number },
): Promise<void> {
  const [found] = await sql<{ isThere: boolean }[]>`select to_regclass('app_migrations.repeatable') is not null as "isThere"`;
  if (found?.isThere !== true) return;
  await asOwner(sql, owner, async (tx) => {
    const [ran] = await tx<{ level: number }[]>`select count(*)::int as level from app_migrations.schema_migrations`;
    await undoRepeatables(tx, Math.max(0, (ran?.level ?? 0) - count), log);
  });
}

async function asOwner(sql: postgres.Sql, owner: string, run: (tx: postgres.Sql) => Promise<void>): Promise<void> {
  await sql.begin(async (begun) => {
    const tx = begun as unknown as postgres.Sql;
    await tx.unsafe(`set local role ${quote(owner)}`);
    await run(tx);
  });
}

interface Up {
  readonly set: RepeatableSet;
  /** Number of numbered migrations of this version and of those that the database had run before the baseline. */
  readonly latest: number;
  readonly onLaterVersion: OnLaterVersion;
  readonly roles: Roles;
  readonly log: (message: string) => void;
}

async function applyAfterUp(sql: postgres.Sql, { set, latest, onLaterVersion, roles, log }: Up): Promise<void> {
  const logins = Object.values(roles).map(({ name }) => name);
  const level = await isDue(sql, { setHash: set.hash, latest, logins, onLaterVersion, log });
  if (level === undefined) return;
  await sql.begin(async (tx) => applyRepeatables(tx as unknown as postgres.Sql, { set, level, log }));
}
