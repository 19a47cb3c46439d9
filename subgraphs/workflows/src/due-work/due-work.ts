/**
 * Due work: gives each tenant with due work its turn, for every source of such work.
 * The rows of a source are the truth; this module keeps nothing that a restart would lose.
 * It never does the work itself, and reads no business data.
 */
import { Alarm, ServiceUnavailable, channels, named, pause, type Databases, type Logger, type PubSub, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
import { Delays } from "./delays.js";
import type { DueSource } from "./due-source.js";

/** Time between two searches of a source. Work that becomes due earlier than that, and was created in the meantime, waits at most this long. */
const POLL_MS = 1_000;
/** Sources whose time comes this soon are searched in the same round, so that the searches of all sources stay together. */
const TOGETHER_MS = 200;
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

/** What a search of a source has found. */
interface Found {
  readonly source: DueSource;
  readonly turns: readonly Turn[];
  /** Until its next work is due. Infinite if there is none. */
  readonly waitMs: number;
}

/**
 * Does due work as soon as it is due. In each round, every tenant with due work gets one turn of each source, so that ten thousand pieces of one
 * tenant do not delay the others. Sleeps until work is due or announced, or a source is searched again. Any number of processes can run it.
 */
export async function startDueWork({
  sources,
  except = () => Promise.resolve([]),
  databases,
  pubsub,
  log,
}: DueWorkOptions): Promise<DueWork> {
  const alarm = new Alarm();
  const stopping = new AbortController();
  const delays = new Delays();
  let isAtWork = false;
  /** Whether work was announced, or done, since the last search of all sources. */
  let isRung = true;
  /** When each source is searched next, by `performance.now()`. */
  const searchAt = new Map<string, number>();
  const ring = (): void => {
    isRung = true;
    alarm.ring();
  };
  const unsubscribe = await pubsub.subscribe(channels.dueWork, ring);

  /** Searches sources in one transaction. Each search is a single statement, so all of them can be sent together. */
  function search(searched: readonly DueSource[]): Promise<readonly Found[]> {
    return databases.worker.begin(async (tx) => {
      const finding = Promise.all(searched.map(async (source) => ({ source, ...(await source.find(tx, TENANTS)) })));
      const [elsewhere, found] = await Promise.all([except(tx), finding]);
      const isElsewhere = new Set(elsewhere);
      const now = found.some(({ next }) => next !== null) ? await databaseNow(tx) : 0;
      return found.map(({ source, tenants, next }) => ({
        source,
        turns: tenants
          .filter((tenantId) => !isElsewhere.has(tenantId))
          .map((tenantId) => ({ source, tenantId, key: `${source.name} ${tenantId}` })),
        waitMs: waitMsOf(next, now),
      }));
    }, "read");
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      isAtWork = true;
      const { handled, sleepMs } = await round();
      isAtWork = handled > 0;
      isRung ||= handled > 0;
      if (handled === 0) await alarm.wait(sleepMs, stopping.signal);
    }
    isAtWork = false;
  }

  /** Searches the sources whose time has come, and takes turns. */
  async function round(): Promise<{ handled: number; sleepMs: number }> {
    const searched = sources.filter(({ name }) => isRung || (searchAt.get(name) ?? 0) <= performance.now() + TOGETHER_MS);
    isRung = false;
    try {
      const found = searched.length === 0 ? [] : await search(searched);
      const waiting = interleaved(found.map(({ turns }) => turns))
        .filter(({ key }) => delays.isOver(key))
        .toReversed();
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
      for (const { source, turns, waitMs } of found) {
        const { name, searchMs = POLL_MS } = source;
        // Found work of which nothing was done now is found again when it is no longer delayed. Other tenants do not wait for that.
        const delayMs = turns.length === 0 ? Infinity : (delays.shortestMs(turns.map(({ key }) => key)) ?? POLL_MS);
        searchAt.set(name, performance.now() + Math.min(searchMs, delayMs, Math.max(MIN_SLEEP_MS, waitMs)));
      }
      return { handled, sleepMs: Math.max(MIN_SLEEP_MS, Math.min(...searchAt.values()) - performance.now()) };
    } catch (error) {
      report(error);
      isRung = true;
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
      const isWaiting = async (): Promise<boolean> =>
        (await search(sources)).some(({ turns }) => turns.some(({ key }) => delays.isOver(key)));
      while (isAtWork || (await isWaiting()) || isAtWork) {
        // Not while it works: its rounds would follow each other without a pause, and on a busy machine idle would always find it at work.
        if (!isAtWork) ring();
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

/** Milliseconds until a time. */
function waitMsOf(next: string | null, now: number): number {
  const ms = next === null ? Infinity : Math.ceil(Date.parse(next) - now);
  return Number.isNaN(ms) ? Infinity : ms;
}

/** By the database's clock: that of the process can be wrong, and can jump. */
async function databaseNow(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ ms: number }>(
    named("databaseNow", sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`),
  );
  return row?.ms ?? Date.now();
}
