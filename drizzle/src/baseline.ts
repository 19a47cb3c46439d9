import { createHash } from "node:crypto";
import type { Sql } from "@weft/pg-driver";

/** The numbered migration that creates all tables. New databases begin with it. */
export const baseline = "0199_baseline";

/** The migrations that the baseline replaces: their number, the last one, and SHA-256 (hex) of their names, one a line. */
const replaced = {
  count: 199,
  last: "0199_cancelled_runs",
  hash: "9afb852eaa3275ce6305129cf4fcd7b16490b7a7719279e6614621876c680bb1",
};

/** The database cannot be migrated by this version. Nothing was changed. The message says what to do. */
export class MigrationRefused extends Error {
  override readonly name = "MigrationRefused";
}

/** The numbered migrations that a database records. */
export interface History {
  /** How many migrations from before the baseline the database records: none, or all of them. */
  readonly replaced: number;
  /** The baseline and the migrations after it, in the order in which they ran. Empty if the baseline is not recorded yet. */
  readonly current: readonly string[];
}

/**
 * Divides the recorded migrations into those from before the baseline and those since.
 * @param ran names in the order in which they ran
 * @param names this version's migrations, in their order
 * @throws MigrationRefused if only some of the migrations from before the baseline have run, because the files of the others no longer exist; or if a
 * migration has run before one that precedes it. Those of a later version can follow
 */
export function historyOf(ran: readonly string[], names: readonly string[]): History {
  const history = divided(ran);
  for (const [index, found] of history.current.entries()) {
    const expected = names[index];
    if (expected !== undefined && expected !== found)
      throw new MigrationRefused(`The migration ${found} has run, but not ${expected}, which precedes it. Nothing was changed.`);
  }
  return history;
}

function divided(ran: readonly string[]): History {
  if (ran.length === 0 || ran[0] === baseline) return { replaced: 0, current: ran };
  const hash = createHash("sha256").update(ran.slice(0, replaced.count).join("\n")).digest("hex");
  if (hash === replaced.hash) return { replaced: replaced.count, current: ran.slice(replaced.count) };
  throw new MigrationRefused(
    `The last migration of this database is ${ran.at(-1)}. This version of Weft upgrades only databases with all migrations up to ${replaced.last}. First migrate the database with the last build of version 0.1.0 that contains ${replaced.last}: see "Databases from before the baseline" in docs/how-to/upgrade.md. Nothing was changed.`,
  );
}

/** Records that a database with all earlier migrations has what the baseline creates. Its tables are not touched. */
export async function recordBaseline(tx: Sql): Promise<void> {
  // Not before the migrations that it replaces, even if the time zone of the server has changed.
  await tx`insert into app_migrations.schema_migrations (name, run_on)
    select ${baseline}, greatest(max(run_on), now()) from app_migrations.schema_migrations`;
}

/** Undoes `recordBaseline`. Earlier builds of Weft then recognize the database as theirs. */
export async function forgetBaseline(tx: Sql): Promise<void> {
  await tx`delete from app_migrations.schema_migrations where name = ${baseline}`;
}

/** Checks that undoing the baseline, which drops all tables, deletes nobody's data. @throws MigrationRefused if there is a tenant */
export async function assertNoTenants(tx: Sql): Promise<void> {
  // The owner sees the tenants only while the force is lifted.
  await tx`alter table identity.tenants no force row level security`;
  const { count } = await tx`select from identity.tenants limit 1`;
  await tx`alter table identity.tenants force row level security`;
  if (count > 0)
    throw new MigrationRefused(
      `Undoing ${baseline} would drop all tables, and this database contains tenants. To delete them all, drop the database. Nothing was changed.`,
    );
}
