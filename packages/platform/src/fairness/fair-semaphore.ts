export interface FairSemaphoreOptions {
  /** Total number of slots. */
  readonly size: number;
  /** Maximum number of slots per key; the others are left for new keys. Default: all. */
  readonly perKey?: (key: string) => number;
  /** Maximum number of waiting callers per key. Default: unlimited. */
  readonly maxWaitingPerKey?: number;
  /**
   * Maximum wait time. Callers that wait longer are rejected. A caller that says how long it can wait, and waits only for slots of its own key, is
   * rejected after that time. Default: unlimited.
   */
  readonly waitMs?: number;
  /** Returns the error for a rejected caller. */
  readonly refusal: (of: Refused) => Error;
}

/** Reason why no slot was available, and the state of the semaphore. */
export interface Refused {
  readonly reason: "too many wait" | "waited too long";
  /** Whether the key holds its maximum number of slots, so that it waited only for itself. */
  readonly isOwnFault: boolean;
  /** Whether other callers of the key were already waiting when this one arrived. */
  readonly isBehindItself: boolean;
  readonly waiting: number;
}

/** Wait options of one caller. */
export interface Waiting {
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Maximum wait time of this caller. Effective if it is shorter than that of the semaphore, or if the caller waits only for slots of its own key. */
  readonly waitMs?: number | undefined;
}

interface Waiter {
  readonly admit: () => void;
  readonly end: () => void;
}

/**
 * A semaphore that assigns its slots in turn to the keys (tenants), and within a key in order of arrival. A key with many callers waits for its own
 * slots. A new key waits only until one slot becomes free, however many other callers wait. (Round robin, as in Nagle, "On packet switches with
 * infinite storage", RFC 970.)
 */
export class FairSemaphore {
  readonly #options: FairSemaphoreOptions;
  readonly #held = new Map<string, number>();
  /** In order of turns. A key that had its turn moves to the end. */
  readonly #waiting = new Map<string, Set<Waiter>>();
  #inUse = 0;
  #waiters = 0;

  constructor(options: FairSemaphoreOptions) {
    this.#options = options;
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiters;
  }

  /**
   * Runs the work in a slot of the key.
   * @throws the error from `refusal`, or the signal's reason if it aborts before a slot is available
   */
  async run<T>(key: string, work: () => Promise<T>, wait: Waiting = {}): Promise<T> {
    const waiting = this.take(key, wait);
    if (waiting) await waiting;
    try {
      return await work();
    } finally {
      this.release(key);
    }
  }

  /** Takes a slot, which must be returned with `release`. Returns `undefined` if one was available immediately. Rejects as `run` does. */
  take(key: string, wait: Waiting = {}): Promise<void> | undefined {
    if (this.#inUse < this.#options.size && !this.#holdsItsShare(key)) {
      this.#hold(key);
      return undefined;
    }
    return this.#wait(key, wait);
  }

  release(key: string): void {
    const held = this.#heldBy(key) - 1;
    if (held > 0) this.#held.set(key, held);
    else this.#held.delete(key);
    this.#inUse--;
    this.admit();
  }

  /** Admits waiting callers for which a slot is now available. Call it when the maximum of a key may have increased. */
  admit(): void {
    while (this.#inUse < this.#options.size && this.#admitNext());
  }

  async #wait(key: string, { signal, waitMs: ownMs = Infinity }: Waiting): Promise<void> {
    const { maxWaitingPerKey = Infinity, waitMs: allowedMs = Infinity } = this.#options;
    const waitMs = Math.min(ownMs, allowedMs);
    const queue = this.#waiting.get(key) ?? new Set<Waiter>();
    const isBehindItself = queue.size > 0;
    if (queue.size >= maxWaitingPerKey) throw this.#refusal("too many wait", key, isBehindItself);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (error: Error): void => {
      queue.delete(waiter);
      if (queue.size === 0) this.#waiting.delete(key);
      waiter.end();
      reject(error);
    };
    const onAbort = (): void => leave(signal?.reason instanceof Error ? signal.reason : new Error("The caller no longer waits."));
    const late = (): void => leave(this.#refusal("waited too long", key, isBehindItself));
    const onTime = (): void => {
      // What the caller has done so far would be lost, and nobody else needs the slots for which it waits.
      const moreMs = ownMs === Infinity || !this.#holdsItsShare(key) ? 0 : ownMs - waitMs;
      if (moreMs > 0) timer = setTimeout(late, moreMs);
      else late();
    };
    let timer = waitMs === Infinity ? undefined : setTimeout(onTime, Math.max(0, waitMs));
    const waiter: Waiter = {
      admit: resolve,
      end: () => {
        this.#waiters--;
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      },
    };
    queue.add(waiter);
    this.#waiting.set(key, queue);
    this.#waiters++;
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    return promise;
  }

  /** Passes the slot on directly, so that new callers cannot overtake. Skips keys that hold their maximum; there are only a few. */
  #admitNext(): boolean {
    for (const [key, queue] of this.#waiting) {
      if (this.#holdsItsShare(key)) continue;
      const [next] = queue;
      if (!next) continue;
      queue.delete(next);
      this.#waiting.delete(key);
      if (queue.size > 0) this.#waiting.set(key, queue);
      this.#hold(key);
      next.end();
      next.admit();
      return true;
    }
    return false;
  }

  #refusal(reason: Refused["reason"], key: string, isBehindItself: boolean): Error {
    return this.#options.refusal({ reason, isOwnFault: this.#holdsItsShare(key), isBehindItself, waiting: this.#waiters });
  }

  #holdsItsShare(key: string): boolean {
    const { size, perKey } = this.#options;
    return this.#heldBy(key) >= (perKey?.(key) ?? size);
  }

  #hold(key: string): void {
    this.#held.set(key, this.#heldBy(key) + 1);
    this.#inUse++;
  }

  #heldBy(key: string): number {
    return this.#held.get(key) ?? 0;
  }
}
