import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Database, Tx } from "../db/database.js";

/** How often a standby asks for the lock, and how often the leader makes sure that it still has it. */
const BEAT_MS = 1_000;

/** What the leader's log needs: pino fits. */
export interface LeadershipLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface Leadership {
  readonly isLeader: boolean;
  /** Ends the term, when there is one, and asks no more. Resolves when `work` has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` in one process at a time: whoever holds the advisory lock of this name; the others stand by and take over within a second or so.
 * `work` gets a signal that is aborted when the lock is lost or `stop` is called, and should then end. Two leaders can overlap for a
 * beat after a connection was lost, so what they do must be safe (not merely in order) when done twice.
 *
 * The lock belongs to a transaction that stays open and idle: that way it works behind a transaction pooler too, and postgres.js tells the
 * transaction's code when its connection is lost, which a reserved connection would hide by reconnecting. An idle READ COMMITTED
 * transaction without an id holds back no vacuum.
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

  async function stand(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await database.begin(serve);
      } catch (error) {
        if (!stopping.signal.aborted) log.error({ err: error, lock: name }, "leadership lost");
      }
      await pause(BEAT_MS, stopping.signal);
    }
  }

  async function serve(tx: Tx): Promise<void> {
    if (!(await takeLock(tx, name))) return;
    // A `stop` while the lock was on its way has been: nobody would tell this term to end.
    if (stopping.signal.aborted) return;
    const term = new AbortController();
    const end = (): void => term.abort();
    stopping.signal.addEventListener("abort", end);
    isLeader = true;
    log.info({ lock: name }, "leading");
    const done = work(term.signal).finally(end);
    // It is awaited below; until then its failure must not count as one that nobody handles.
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
  // `transaction_timeout` exists from PostgreSQL 17 on.
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

/** Waits, or until the signal is aborted; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: true }).catch(() => undefined);
}
