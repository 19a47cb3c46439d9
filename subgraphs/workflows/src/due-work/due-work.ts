/**
 * Due work: gives each tenant with due work its turn, for every source of such work.
 * The rows of a source are the truth; this module keeps nothing that a restart would lose.
 * It never does the work itself, and reads no business data.
 */
import { ServiceUnavailable } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { type Databases, named, type Tx } from "@weft/platform/db";
import { Alarm, pause } from "@weft/platform/leadership";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
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
export async function startDueWork(options: DueWorkOptions): Promise<DueWork> {
  const loop = new DueWorkLoop(options);
  const unsubscribe = await options.pubsub.subscribe(channels.dueWork, () => loop.ring());
  const running = loop.run();
  return {
    idle: () => loop.idle(),
    stop: async () => {
      loop.stop();
      await running;
      await unsubscribe();
    },
  };
}

class DueWorkLoop {
  readonly #options: DueWorkOptions;
  readonly #alarm = new Alarm();
  readonly #stopping = new AbortController();
  readonly #delays = new Delays();
  #isAtWork = false;
  /** Whether work was announced, or done, since the last search of all sources. */
  #isRung = true;
  /** When each source is searched next, by `performance.now()`. */
  readonly #searchAt = new Map<string, number>();

  constructor(options: DueWorkOptions) {
    this.#options = options;
  }

  ring(): void {
    this.#isRung = true;
    this.#alarm.ring();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#isAtWork = true;
      const { handled, sleepMs } = await this.#round();
      this.#isAtWork = handled > 0;
      this.#isRung ||= handled > 0;
      if (handled === 0) await this.#alarm.wait(sleepMs, signal);
    }
    this.#isAtWork = false;
  }

  async idle(): Promise<void> {
    const forever = new AbortController().signal;
    const isWaiting = async (): Promise<boolean> =>
      (await this.#search(this.#options.sources)).some(({ turns }) => turns.some(({ key }) => this.#delays.isOver(key)));
    while (this.#isAtWork || (await isWaiting()) || this.#isAtWork) {
      // Not while it works: its rounds would follow each other without a pause, and on a busy machine idle would always find it at work.
      if (!this.#isAtWork) this.ring();
      await pause(5, forever);
    }
  }

  /** Searches sources in one transaction. Each search is a single statement, so all of them can be sent together. */
  #search(searched: readonly DueSource[]): Promise<readonly Found[]> {
    const { databases, except = () => Promise.resolve([]) } = this.#options;
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

  /** Searches the sources whose time has come, and takes turns. */
  async #round(): Promise<{ handled: number; sleepMs: number }> {
    const soon = performance.now() + TOGETHER_MS;
    const searched = this.#options.sources.filter(({ name }) => this.#isRung || (this.#searchAt.get(name) ?? 0) <= soon);
    this.#isRung = false;
    try {
      const found = searched.length === 0 ? [] : await this.#search(searched);
      const handled = await this.#takeTurns(found);
      for (const one of found) this.#searchAt.set(one.source.name, performance.now() + this.#untilNextSearch(one));
      return { handled, sleepMs: Math.max(MIN_SLEEP_MS, Math.min(...this.#searchAt.values()) - performance.now()) };
    } catch (error) {
      this.#report(error);
      this.#isRung = true;
      return { handled: 0, sleepMs: POLL_MS };
    }
  }

  /** Returns the number of pieces of work that were done. */
  async #takeTurns(found: readonly Found[]): Promise<number> {
    const waiting = interleaved(found.map(({ turns }) => turns))
      .filter(({ key }) => this.#delays.isOver(key))
      .toReversed();
    let handled = 0;
    const busy = new Set<string>();
    /** The next turn of a tenant that has none at present: two sources would find each other's instances locked, and wait. */
    const nextTurn = (): Turn | undefined => {
      const at = waiting.findLastIndex(({ tenantId }) => !busy.has(tenantId));
      return at < 0 ? undefined : waiting.splice(at, 1)[0];
    };
    const takeTurns = async (): Promise<void> => {
      for (let turn = nextTurn(); turn && !this.#stopping.signal.aborted; turn = nextTurn()) {
        busy.add(turn.tenantId);
        const done = await this.#takeTurn(turn);
        handled += done;
        busy.delete(turn.tenantId);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_TURNS }, takeTurns));
    return handled;
  }

  #untilNextSearch({ source: { searchMs = POLL_MS }, turns, waitMs }: Found): number {
    // Found work of which nothing was done now is found again when it is no longer delayed. Other tenants do not wait for that.
    const delayMs = turns.length === 0 ? Infinity : (this.#delays.shortestMs(turns.map(({ key }) => key)) ?? POLL_MS);
    return Math.min(searchMs, delayMs, Math.max(MIN_SLEEP_MS, waitMs));
  }

  async #takeTurn({ source, tenantId, key }: Turn): Promise<number> {
    try {
      const done = await source.run(tenantId, BATCH, AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(TURN_MS)]));
      if (done > 0) this.#delays.end(key);
      else this.#delays.extend(key, POLL_MS);
      return done;
    } catch (error) {
      this.#delays.extend(key, MAX_DELAY_MS);
      this.#report(error, { tenantId, source: source.name });
      return 0;
    }
  }

  #report(error: unknown, about: object = {}): void {
    // Database outages are reported elsewhere.
    if (!(error instanceof ServiceUnavailable)) this.#options.log.error({ err: error, ...about }, "due work failed, will be retried");
  }
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
