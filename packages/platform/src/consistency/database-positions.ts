import { setTimeout as delay } from "node:timers/promises";
import { ServiceUnavailable } from "@weft/shared/errors";
import { sql } from "drizzle-orm";
import { alone } from "../db/alone.js";
import type { Database } from "../db/database.js";
import { named } from "../db/named.js";
import { type DatabasePosition, hasReached, positionOfText } from "./position.js";

/** Pause between two looks at a database that is behind. */
const pollMs = 20;
/** Time that the first look has in any case: even who does not wait has to look. */
const firstLookMs = 250;

/** When to stop waiting. */
export interface WaitEnd {
  /** By `performance.now()`. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** How far the database of a process has got. */
export class DatabasePositions {
  readonly #database: Database;
  /** The last position that was read. The database has reached it. */
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
   * Waits until the database has reached a position. It normally has, and then no statement is needed if a newer position is known. Whoever stops waiting
   * leaves the reading to the others.
   * @returns false if it was not reached in time
   * @throws ServiceUnavailable if the database is unavailable, the reason of the signal if it aborts
   */
  async reached(position: DatabasePosition, { deadline, signal }: WaitEnd): Promise<boolean> {
    if (this.#newest && hasReached(this.#newest, position)) return true;
    const firstLookEnds = performance.now() + firstLookMs;
    for (let lookEnds = Math.max(deadline, firstLookEnds); ; lookEnds = deadline) {
      const current = await inTime(this.current(), lookEnds, signal);
      if (current && hasReached(current, position)) return true;
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
    const [row] = await alone(this.#database).execute<{ position: string | null }>(
      named(
        "readDatabasePosition",
        // The snapshot is taken before the position in the log is read, so everything visible lies at or before that.
        sql`select case when pg_is_in_recovery() then null else (
          select concat_ws(':', (pg_control_system()).system_identifier, ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::bigint,
            (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint, lsn - '0/0'::pg_lsn, pg_snapshot_xmax(seen),
            (select count(*) from pg_snapshot_xip(seen)))
          from (select pg_current_snapshot() as seen, pg_current_wal_insert_lsn() as lsn) as current) end as position`,
      ),
    );
    const read = positionOfText(row?.position ?? "");
    // What a standby shows says nothing about what the server that commits has shown.
    if (!read) throw new ServiceUnavailable("database", new Error("The database has no position. It may be a standby."));
    // Readings follow each other, so this is the newest, also if the database has gone back.
    this.#newest = read;
    return read;
  }
}

/** Returns what a promise resolves to, or null if it is too late. @throws what it rejects with, the reason of the signal */
async function inTime<T>(promise: Promise<T>, deadline: number, signal: AbortSignal | undefined): Promise<T | null> {
  signal?.throwIfAborted();
  const over = new AbortController();
  const late = delay(Math.max(0, deadline - performance.now()), null, {
    signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
  });
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    over.abort();
  }
}
