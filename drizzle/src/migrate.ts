import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import postgres from "postgres";
import { applyGrants } from "./grants.js";
import { ensureOwner, ensureRoles, quote } from "./roles.js";
import type { Roles } from "./roles.js";

export interface MigrateOptions {
  /** A role that may create objects; a superuser steps down to `ownerName` before anything is created. */
  readonly ownerUrl: string;
  readonly roles: Roles;
  /** Default `weft_owner`; only used when the role of `ownerUrl` is a superuser. */
  readonly ownerName?: string;
  /** Default `up`. */
  readonly direction?: "up" | "down";
  /** How many migrations; default all for `up`, one for `down`. */
  readonly count?: number;
  /** Told each step; silent by default. */
  readonly log?: (message: string) => void;
}

const directory = fileURLToPath(new URL("../migrations", import.meta.url));

/** "weft" in ASCII. Processes that start at once queue here; the runner has a lock of its own within. */
const lockKey = 0x77656674;

/**
 * Brings a database to the present tables, roles, privileges and policies. Each migration is one transaction: a failed one leaves those before it
 * and can be run again. Any number of processes may call it at once. Every object belongs to the owner role.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const log = options.log ?? (() => undefined);
  const sql = postgres(options.ownerUrl, { max: 1, onnotice: () => undefined, connection: { application_name: "weft migrate" } });
  try {
    await sql`select pg_advisory_lock(${lockKey})`;
    await ensureRoles(sql, options.roles);
    const owner = await ensureOwner(sql, options.ownerName ?? "weft_owner");
    await runner({
      // The startup parameter is `set role` for the whole connection: nothing is ever owned by a superuser.
      databaseUrl: { connectionString: options.ownerUrl, options: `-c role=${owner}`, application_name: "weft migrate" },
      dir: directory,
      direction: options.direction ?? "up",
      ...(options.count === undefined ? {} : { count: options.count }),
      migrationsSchema: "app_migrations",
      createMigrationsSchema: true,
      migrationsTable: "schema_migrations",
      advisoryLockMode: "wait",
      log,
    });
    await sql.unsafe(`set role ${quote(owner)}`);
    await sql.begin(async (tx) => applyGrants(tx as unknown as postgres.Sql, options.roles));
  } finally {
    await sql.end({ timeout: 5 });
  }
}
