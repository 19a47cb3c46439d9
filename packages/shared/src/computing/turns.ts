import { setImmediate, setTimeout } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { Abandoned, RateLimited } from "../errors/errors.js";
import { FairSemaphore } from "../fairness/fair-semaphore.js";
import { processorMs } from "./processor-ms.js";

/** Operations of one tenant that wait for a turn. Each operation waits for one turn at a time. */
const maxWaitingPerTenant = 100;
/** Longest wait for a turn: less than the deadline of an operation. */
const maxWaitMs = 8_000;

/** How fast a tenant earns back what it has computed. */
const earnedShare = 0.25;

/** After a shorter turn the event loop is looked at once; after a longer one it has the processor for as long as the turn took. */
const restFromMs = 1;

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** The same for an operation that holds a connection: less than others wait for one. */
const maxHoldingMs = 1_500;
/** Left of an operation's time after its last turn: for what comes after the computation. */
const reserveMs = 500;

/** What ends the wait for a turn. */
export interface TurnWaiting {
  readonly signal?: AbortSignal | undefined;
  /** On the clock of `performance.now()`: when nobody wants the result any more. */
  readonly deadline?: number | undefined;
  /** Whether the operation holds a connection to the database meanwhile, which others need. */
  readonly holdsConnection?: () => boolean;
}

/** What a turn gave, and the processor time that it took, also where the work failed. */
export interface Turn<T> {
  readonly outcome: Outcome<T>;
  readonly ms: number;
}

/**
 * Turns of computing in one process: one at a time, tenant by tenant. After each turn the event loop serves other work for as long as the turn took, so
 * that computing takes at most half of it. A tenant that has used up its credit continues at a quarter of one processor.
 */
export class Turns {
  readonly #places = new FairSemaphore({
    size: 1,
    maxWaitingPerKey: maxWaitingPerTenant,
    waitMs: maxWaitMs,
    refusal: () => tooMuch(Math.ceil(maxWaitMs / 1_000)),
  });
  readonly #creditMs: number;
  readonly #accounts = new LRUCache<string, { readonly ms: number; readonly at: number }>({ max: 10_000 });

  /** @param creditMs processor time that a tenant can use in one go */
  constructor(creditMs = 5_000) {
    this.#creditMs = creditMs;
  }

  /**
   * Runs synchronous work in a turn of the tenant.
   * @throws RateLimited when too many operations of the tenant wait, or it would have to wait too long: an operation has many turns, and is told in time when its
   * deadline comes before the next; Abandoned when the signal aborts meanwhile
   */
  async run<T>(
    tenantId: string,
    work: () => T,
    { signal, deadline = Infinity, holdsConnection = () => false }: TurnWaiting = {},
  ): Promise<Turn<T>> {
    const leftMs = (): number => Math.min(holdsConnection() ? maxHoldingMs : maxWaitMs, deadline - reserveMs - performance.now());
    if (leftMs() <= 0) throw tooMuch(1);
    const debtMs = this.#spentBy(tenantId) - this.#creditMs;
    if (debtMs > 0) {
      const pauseMs = debtMs / earnedShare;
      if (pauseMs > leftMs()) throw tooMuch(Math.ceil(pauseMs / 1_000));
      await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    if (signal?.aborted) throw new Abandoned(signal.reason);
    const waiting = this.#places.take(tenantId, { signal, waitMs: leftMs() });
    try {
      if (waiting) await waiting;
    } catch (error) {
      throw signal?.aborted ? new Abandoned(signal.reason) : error;
    }
    const began = processorMs();
    const outcome = outcomeOf(work);
    const ms = processorMs() - began;
    this.#accounts.set(tenantId, { ms: this.#spentBy(tenantId) + ms, at: performance.now() });
    // The result does not wait for the rest; the next turn does.
    void this.#rest(ms).finally(() => this.#places.release(tenantId));
    return { outcome, ms };
  }

  #rest(ms: number): Promise<void> {
    return ms < restFromMs ? setImmediate() : setTimeout(ms);
  }

  /** Processor time that the tenant has used and not yet earned back. */
  #spentBy(tenantId: string): number {
    const account = this.#accounts.get(tenantId);
    return account ? Math.max(0, account.ms - (performance.now() - account.at) * earnedShare) : 0;
  }
}

const tooMuch = (retryAfter: number): RateLimited =>
  new RateLimited({ retryAfter }, "Operations of this organization have used more processor time than it has at the moment.");

function outcomeOf<T>(work: () => T): Outcome<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, error };
  }
}
