import type { Viewer } from "@weft/shared/viewer";
import { asTenant, type Database, named, type Tx } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import { sql } from "drizzle-orm";

/** Time after which the database ends a snapshot. Reports end earlier. */
const maxMs = 900_000;

/** Services that read one snapshot. */
export interface Snapshot {
  readonly services: Services;
  /** Time of the snapshot. */
  readonly at: string;
}

/**
 * Runs `fn` with services whose reads all see the same snapshot of the tenant, also those of operations on different subgraphs: each of them would
 * otherwise open a transaction of its own. Writes are refused.
 */
export const inSnapshot = <T>(services: Services, viewer: Viewer, fn: (snapshot: Snapshot) => Promise<T>): Promise<T> =>
  asTenant(services.databases.app, viewer, "read", async (tx) => {
    // The renderer and other processes work meanwhile. `transaction_timeout` exists in PostgreSQL 17 and later.
    await tx.execute(
      named(
        "allowLongSnapshot",
        sql`select set_config(name, ${String(maxMs)}, true) from pg_settings where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`,
      ),
    );
    const [row] = await tx.execute<{ at: string }>(named("startSnapshot", sql`select now() as at`));
    if (!row) throw new Error("The database did not return its time.");
    const app = snapshotDatabase(services.databases.app, tx);
    return fn({ services: { ...services, databases: { ...services.databases, app } }, at: new Date(row.at).toISOString() });
  });

function snapshotDatabase(database: Database, tx: Tx): Database {
  const refuse = (): Promise<never> => Promise.reject(new Error("A snapshot can only be read, in transactions of its tenant."));
  return {
    role: database.role,
    onStatement: undefined,
    begin: refuse,
    statement: refuse,
    transact: ({ mode }, run) => (mode === "read" ? run(tx) : refuse()),
    load: () => database.load(),
    close: () => Promise.resolve(),
  };
}
