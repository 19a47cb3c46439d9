import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Database, Tx } from "../db/database.js";
import { ServiceUnavailable, ShareUsed } from "@weft/shared/errors";
import { isTemporary, reasonOf } from "./retry-log.js";

/** Interval at which a standby tries to take the lock, and the leader checks that it still holds it. */
const BEAT_MS = 1_000;

/** Logger that the leader needs. A pino logger is suitable. */
export interface LeadershipLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface Leadership {
  readonly isLeader: boolean;
  /** Ends the current term, if there is one, and stops trying to become the leader. Resolves when `work` has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` in one process at a time: the one that holds the advisory lock of this name. The other processes stand by and take over within about a
 * second. `work` gets a signal that is aborted when the lock is lost or `stop` is called; it should then end. After a lost connection, two leaders
 * can overlap for one interval, so their work must be safe to do twice; correct order is not enough.
 *
 * The lock is held by a transaction that stays open and idle. This also works behind a transaction pooler, and postgres.js reports a lost connection
 * to the transaction's code, whereas a reserved connection would hide it by reconnecting. An idle READ COMMITTED transaction without a transaction ID
 * does not hold back vacuum.
 */
export function lead({
  database,
  name,
  log,
  work,
}: {
  database: Database;
  name: string;
  log: LeadershipLog;
  work: (term: AbortSignal) => Promise<void>;
}): Leadership {
  const stopping = new AbortController();
  let isLeader = false;
  let hasLed = false;

  async function stand(): Promise<void> {
    while (!stopping.signal.aborted) {
      hasLed = false;
      try {
        await database.begin(serve);
      } catch (error) {
        if (!stopping.signal.aborted) report(error);
      }
      await pause(BEAT_MS, stopping.signal);
    }
  }

  /** While much work is due, such as after a start with a backlog, a standby can wait for a connection in vain. */
  function report(error: unknown): void {
    if (hasLed && isTemporary(error)) log.info({ lock: name, reason: reasonOf(error) }, "leadership lost; stands for it again");
    else if (hasLed) log.error({ err: error, lock: name }, "leadership lost");
    else if (error instanceof ShareUsed || error instanceof ServiceUnavailable)
      log.info({ lock: name, reason: reasonOf(error) }, "no connection to stand for leadership; tries again");
    else log.error({ err: error, lock: name }, "could not stand for leadership; tries again");
  }

  async function serve(tx: Tx): Promise<void> {
    if (!(await takeLock(tx, name))) return;
    // `stop` was called while the lock was being taken. Nothing would end this term.
    if (stopping.signal.aborted) return;
    const term = new AbortController();
    const end = (): void => term.abort();
    stopping.signal.addEventListener("abort", end);
    isLeader = true;
    hasLed = true;
    log.info({ lock: name }, "leading");
    const done = work(term.signal).finally(end);
    // It is awaited below. Until then, its failure must not count as an unhandled rejection.
    done.catch(() => undefined);
    try {
      while (!term.signal.aborted) {
        await pause(BEAT_MS, term.signal);
        await tx.execute(named("keepLeadership", sql`select 1`));
      }
    } finally {
      isLeader = false;
      end();
      stopping.signal.removeEventListener("abort", end);
      await done;
    }
  }

  const standing = stand();
  return {
    get isLeader() {
      return isLeader;
    },
    stop: async () => {
      stopping.abort();
      await standing;
    },
  };
}

async function takeLock(tx: Tx, name: string): Promise<boolean> {
  // `transaction_timeout` exists in PostgreSQL 17 and later.
  await tx.execute(
    named(
      "allowLongTerm",
      sql`select set_config(name, '0', true) from pg_settings where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`,
    ),
  );
  const rows = await tx.execute<{ taken: boolean }>(
    named("takeLeadership", sql`select pg_try_advisory_xact_lock(hashtextextended('weft.lead.' || ${name}::text, 0)) as taken`),
  );
  return rows[0]?.taken === true;
}

/** Waits for the time, or until the signal is aborted. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: true }).catch(() => undefined);
}
