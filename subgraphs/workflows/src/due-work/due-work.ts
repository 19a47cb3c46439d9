/**
 * Due work: gives each tenant with due work its turn, for every source of such work.
 * The rows of a source are the truth; this room keeps nothing that a restart would lose.
 * It never does the work itself, and reads no business data.
 */
import { Alarm, ServiceUnavailable, channels, named, pause, type Databases, type Logger, type PubSub, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
import { Delays } from "./delays.js";
import type { DueSource } from "./due-source.js";

/** Maximum sleep. Work that becomes due earlier than that, and was created in the meantime, waits at most this long. */
const POLL_MS = 1_000;
/** Minimum sleep, so that work of other processes is not looked for without end. */
const MIN_SLEEP_MS = 10;
/** Maximum delay after work that failed. */
const MAX_DELAY_MS = 10_000;
/** Tenants per round and source. */
const TENANTS = 1_000;
/** Turns at the same time. Each uses a connection of the app's pool. */
const CONCURRENT_TURNS = 2;
/** Pieces of work per turn of a tenant. */
const BATCH = 200;
/** Time after which a turn starts nothing new, so that the work of another tenant that becomes due meanwhile is done within a second. */
const TURN_MS = 250;

export interface DueWork {
  /** Resolves when no work is due that could be done. Work that failed and waits for its next attempt is not waited for. */
  idle(): Promise<void>;
  /** Stops after the current pieces of work. */
  stop(): Promise<void>;
}

export interface DueWorkOptions {
  readonly sources: readonly DueSource[];
  /** Returns the tenants in which something else runs these sources. Runs as weft_worker. */
  readonly except?: (tx: Tx) => Promise<readonly string[]>;
  readonly databases: Pick<Databases, "worker">;
  readonly pubsub: PubSub;
  readonly log: Pick<Logger, "error">;
}

interface Turn {
  readonly source: DueSource;
  readonly tenantId: string;
  readonly key: string;
}

interface Round {
  readonly turns: readonly Turn[];
  readonly sleepMs: number;
}

/**
 * Does due work as soon as it is due. In each round, every tenant with due work gets one turn of each source, so that ten thousand pieces of one
 * tenant do not delay the others. Sleeps until the next work is due, at most a second. Any number of processes can run it.
 */
export async function startDueWork({ sources, except, databases, pubsub, log }: DueWorkOptions): Promise<DueWork> {
  const alarm = new Alarm();
  const stopping = new AbortController();
  const delays = new Delays();
  const unsubscribe = await pubsub.subscribe(channels.dueWork, () => alarm.ring());
  let isAtWork = false;

  async function findWork(): Promise<Round> {
    return databases.worker.begin(async (tx) => {
      const turns: Turn[][] = [];
      let next: string | null = null;
      const elsewhere = new Set(await except?.(tx));
      for (const source of sources) {
        const found = await source.find(tx, TENANTS);
        const tenants = found.tenants.filter((tenantId) => !elsewhere.has(tenantId));
        turns.push(tenants.map((tenantId) => ({ source, tenantId, key: `${source.name} ${tenantId}` })));
        if (found.next !== null && (next === null || Date.parse(found.next) < Date.parse(next))) next = found.next;
      }
      return { turns: interleaved(turns), sleepMs: await sleepUntil(tx, next) };
    }, "read");
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      isAtWork = true;
      const { handled, sleepMs } = await round();
      isAtWork = handled > 0;
      if (handled === 0) await alarm.wait(sleepMs, stopping.signal);
    }
    isAtWork = false;
  }

  async function round(): Promise<{ handled: number; sleepMs: number }> {
    try {
      const { turns, sleepMs } = await findWork();
      const waiting = turns.filter(({ key }) => delays.isOver(key)).toReversed();
      let handled = 0;
      const busy = new Set<string>();
      /** The next turn of a tenant that has none at present: two sources would find each other's instances locked, and wait. */
      const nextTurn = (): Turn | undefined => {
        const at = waiting.findLastIndex(({ tenantId }) => !busy.has(tenantId));
        return at < 0 ? undefined : waiting.splice(at, 1)[0];
      };
      const takeTurns = async (): Promise<void> => {
        for (let turn = nextTurn(); turn && !stopping.signal.aborted; turn = nextTurn()) {
          busy.add(turn.tenantId);
          handled += await takeTurn(turn);
          busy.delete(turn.tenantId);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENT_TURNS }, takeTurns));
      return { handled, sleepMs: Math.min(sleepMs, delays.shortestMs(turns.map(({ key }) => key)) ?? POLL_MS) };
    } catch (error) {
      report(error);
      return { handled: 0, sleepMs: POLL_MS };
    }
  }

  async function takeTurn({ source, tenantId, key }: Turn): Promise<number> {
    try {
      const done = await source.run(tenantId, BATCH, AbortSignal.any([stopping.signal, AbortSignal.timeout(TURN_MS)]));
      if (done > 0) delays.end(key);
      else delays.extend(key, POLL_MS);
      return done;
    } catch (error) {
      delays.extend(key, MAX_DELAY_MS);
      report(error, { tenantId, source: source.name });
      return 0;
    }
  }

  function report(error: unknown, about: object = {}): void {
    // Database outages are reported elsewhere.
    if (!(error instanceof ServiceUnavailable)) log.error({ err: error, ...about }, "due work failed, will be retried");
  }

  const running = run();
  return {
    idle: async () => {
      const forever = new AbortController().signal;
      const isWaiting = async (): Promise<boolean> => (await findWork()).turns.some(({ key }) => delays.isOver(key));
      while (isAtWork || (await isWaiting()) || isAtWork) {
        // Not while it works: its rounds would follow each other without a pause, and on a busy machine idle would always find it at work.
        if (!isAtWork) alarm.ring();
        await pause(5, forever);
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
      await unsubscribe();
    },
  };
}

/** The first of each list, then the second of each, and so on. */
function interleaved<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, n) => lists.flatMap((list) => list.slice(n, n + 1))).flat();
}

/** By the database's clock: that of the process can be wrong, and can jump. */
async function sleepUntil(tx: Parameters<DueSource["find"]>[0], next: string | null): Promise<number> {
  if (next === null) return POLL_MS;
  const [row] = await tx.execute<{ ms: number }>(
    named("msUntilDue", sql`select (extract(epoch from ${next}::timestamptz - clock_timestamp()) * 1000)::float8 as ms`),
  );
  return Math.min(POLL_MS, Math.max(MIN_SLEEP_MS, Math.ceil(row?.ms ?? POLL_MS)));
}
