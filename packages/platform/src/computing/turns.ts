import { setImmediate, setTimeout } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { Abandoned, RateLimited } from "@weft/shared/errors";
import { FairSemaphore } from "../fairness/fair-semaphore.js";
import { processorMs } from "./processor-ms.js";

/** Maximum number of a tenant's operations that wait for a turn. Each operation waits for one turn at a time. */
const maxWaitingPerTenant = 100;
/** Maximum wait for a turn. Shorter than the deadline of an operation. */
const maxWaitMs = 8_000;

/** Rate at which a tenant earns back the processor time that it has used. */
const earnedShare = 0.25;

/** After a shorter turn, the event loop only runs once before the next turn. After a longer one, it runs for as long as the turn took. */
const restFromMs = 1;

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** Maximum wait for a turn while holding a connection. Shorter than the time that others wait for a connection. */
const maxHoldingMs = 1_500;
/**
 * Time that must remain of an operation's time after its last turn, for the work after the computation. During a flood, dozens of operations end at
 * the same moment: with half a second, some of them were not answered in time on a busy machine.
 */
const reserveMs = 1_000;

/** Conditions that end the wait for a turn. */
export interface TurnWaiting {
  readonly signal?: AbortSignal | undefined;
  /** Time at which the result is no longer needed, on the clock of `performance.now()`. */
  readonly deadline?: number | undefined;
  /** Returns whether the operation currently holds a database connection, which others need. */
  readonly holdsConnection?: () => boolean;
}

/** Result of a turn, and the processor time that it took, even if the work failed. */
export interface Turn<T> {
  readonly outcome: Outcome<T>;
  readonly ms: number;
}

/**
 * Computing turns of one process: one at a time, rotating between tenants. After each turn, the event loop serves other work for as long as the turn
 * took, so that computing takes at most half of the time. A tenant that has used up its credit continues at a quarter of one processor.
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

  /** @param creditMs processor time that a tenant can use at once */
  constructor(creditMs = 5_000) {
    this.#creditMs = creditMs;
  }

  /**
   * Runs synchronous work in a turn of the tenant.
   * @throws RateLimited if too many operations of the tenant are waiting, or if the wait would be too long (an operation has many turns, and fails
   * early if its deadline comes before the next one); Abandoned if the signal aborts meanwhile
   */
  async run<T>(tenantId: string, work: () => T, waiting: TurnWaiting = {}): Promise<Turn<T>> {
    const { signal } = waiting;
    const pauseMs = this.#pause(tenantId, waiting);
    if (pauseMs > 0) await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal?.aborted) throw new Abandoned(signal.reason);
    const place = this.#places.take(tenantId, { signal, waitMs: leftMs(waiting) });
    try {
      if (place) await place;
    } catch (error) {
      throw signal?.aborted ? new Abandoned(signal.reason) : error;
    }
    const began = processorMs();
    const outcome = outcomeOf(work);
    const ms = processorMs() - began;
    this.charge(tenantId, ms);
    // The result does not wait for the rest period; the next turn does.
    void this.#rest(ms).finally(() => this.#places.release(tenantId));
    return { outcome, ms };
  }

  /**
   * Checks the share of a tenant before any work that leads to a turn.
   * @throws RateLimited if a turn would have to wait longer than possible
   */
  assertShare(tenantId: string, waiting: TurnWaiting = {}): void {
    // Whether the time is too short for other reasons is for the work itself to find out.
    if (this.#spentBy(tenantId) > this.#creditMs) this.#pause(tenantId, waiting);
  }

  /** Counts processor time that the tenant used outside its turns. */
  charge(tenantId: string, ms: number): void {
    this.#accounts.set(tenantId, { ms: this.#spentBy(tenantId) + ms, at: performance.now() });
  }

  /** Returns how long the tenant has to wait until its next turn. @throws RateLimited if that is longer than the time left */
  #pause(tenantId: string, waiting: TurnWaiting): number {
    const left = leftMs(waiting);
    if (left <= 0) throw tooMuch(1);
    const debtMs = this.#spentBy(tenantId) - this.#creditMs;
    const pauseMs = Math.max(0, debtMs / earnedShare);
    if (pauseMs > left) throw tooMuch(Math.ceil(pauseMs / 1_000));
    return pauseMs;
  }

  #rest(ms: number): Promise<void> {
    return ms < restFromMs ? setImmediate() : setTimeout(ms);
  }

  /** Returns the processor time that the tenant has used and not yet earned back. */
  #spentBy(tenantId: string): number {
    const account = this.#accounts.get(tenantId);
    return account ? Math.max(0, account.ms - (performance.now() - account.at) * earnedShare) : 0;
  }
}

/** Returns how long a caller can wait for a turn. */
const leftMs = ({ deadline = Infinity, holdsConnection = () => false }: TurnWaiting): number =>
  Math.min(holdsConnection() ? maxHoldingMs : maxWaitMs, deadline - reserveMs - performance.now());

const tooMuch = (retryAfter: number): RateLimited =>
  new RateLimited({ retryAfter }, "Operations of this organization use more than its current share of processor time.");

function outcomeOf<T>(work: () => T): Outcome<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, error };
  }
}
