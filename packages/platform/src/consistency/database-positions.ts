import { setTimeout as delay } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { alone } from "../db/alone.js";
import type { Database } from "../db/database.js";
import { named } from "../db/named.js";
import { type DatabasePosition, includes } from "./position.js";

/** Pause between two looks at a database that is behind. */
const pollMs = 20;

/** When to stop waiting. */
export interface WaitEnd {
  /** By `performance.now()`. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** How far the database of a process has got. */
export class DatabasePositions {
  readonly #database: Database;
  /** The newest known position. The database has reached it. */
  #newest: DatabasePosition | undefined;
  #reading: Promise<DatabasePosition> | undefined;
  #next: Promise<DatabasePosition> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Returns a position that includes everything that was committed before the call, by whatever process. It is read after the call: a reading that is
   * under way can be too old. Callers in the meantime share the next reading, so that their number does not matter to the database.
   * @throws ServiceUnavailable if the database is unavailable
   */
  current(): Promise<DatabasePosition> {
    this.#next ??= this.#afterReading();
    return this.#next;
  }

  /**
   * Waits until the database has reached a position. It normally has, and then no statement is needed if a newer position is known. A database that is
   * not the one of the position has received everything of the tenant before it took over.
   * @returns false if it was not reached in time
   * @throws ServiceUnavailable if the database is unavailable, the reason of the signal if it aborts
   */
  async reached(position: DatabasePosition, { deadline, signal }: WaitEnd): Promise<boolean> {
    if (this.#newest && includes(this.#newest, position)) return true;
    for (;;) {
      const current = await this.current();
      if (current.database !== position.database || includes(current, position)) return true;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      await delay(Math.min(pollMs, leftMs));
      signal?.throwIfAborted();
    }
  }

  async #afterReading(): Promise<DatabasePosition> {
    await this.#reading?.catch(() => undefined);
    this.#next = undefined;
    this.#reading = this.#read();
    return this.#reading;
  }

  async #read(): Promise<DatabasePosition> {
    const [row] = await alone(this.#database).execute<{ database: string; lsn: string }>(
      named(
        "readDatabasePosition",
        // `insert`, because commits can be visible before they are flushed. On a standby, what counts is what can be read there.
        sql`select (pg_control_system()).system_identifier::text as database,
          (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end - '0/0'::pg_lsn)::text as lsn`,
      ),
    );
    if (!row) throw new Error("The database did not return its position.");
    const read = { database: row.database, lsn: BigInt(row.lsn) };
    if (!this.#newest || !includes(this.#newest, read)) this.#newest = read;
    return read;
  }
}
