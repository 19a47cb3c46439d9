export interface FairSemaphoreOptions {
  /** Places altogether. */
  readonly size: number;
  /** Most places that a key holds; the others are left for who comes next. Default: all. */
  readonly perKey?: (key: string) => number;
  /** Most that wait of one key. Default: no bound. */
  readonly maxWaitingPerKey?: number;
  /** Who waits longer is refused. Default: no bound. */
  readonly waitMs?: number;
  /** What a refused one is told. */
  readonly refusal: (of: Refused) => Error;
}

/** Why there was no place, and how things stood. */
export interface Refused {
  readonly reason: "too many wait" | "waited too long";
  /** Whether the key holds all that it may: then it waited for itself alone. */
  readonly isOwnFault: boolean;
  /** Whether others of the key were waiting already when this one came. */
  readonly isBehindItself: boolean;
  readonly waiting: number;
}

/** How long one caller waits. */
export interface Waiting {
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** At most so long, if that is less than what the semaphore allows. */
  readonly waitMs?: number | undefined;
}

interface Waiter {
  readonly admit: () => void;
  readonly end: () => void;
}

/**
 * A semaphore that gives its places key by key (tenant by tenant), within a key in order of arrival: whoever wants many waits for its own, and a
 * newcomer waits for one place to become free, however many others wait. (Round robin, as in Nagle, "On packet switches with
 * infinite storage", RFC 970.)
 */
export class FairSemaphore {
  readonly #options: FairSemaphoreOptions;
  readonly #held = new Map<string, number>();
  /** In the order of their turns: a key that had its turn goes to the end. */
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

  /** Runs the work in a place of the key. @throws what `refusal` makes, or the reason of the signal when it aborts before there is a place */
  async run<T>(key: string, work: () => Promise<T>, wait: Waiting = {}): Promise<T> {
    const waiting = this.take(key, wait);
    if (waiting) await waiting;
    try {
      return await work();
    } finally {
      this.release(key);
    }
  }

  /** Takes a place, which `release` must give back; `undefined` when there was one at once. Rejects as `run` does. */
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

  /** Admits who has a place now: for when a key may hold more than before. */
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
    const onAbort = (): void => leave(signal?.reason instanceof Error ? signal.reason : new Error("Nobody waits any more."));
    const late = (): void => leave(this.#refusal("waited too long", key, isBehindItself));
    const timer = waitMs === Infinity ? undefined : setTimeout(late, Math.max(0, waitMs));
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

  /** The place passes on directly: nobody who arrives now can overtake. Keys that hold all they may are passed over; there are few of them. */
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
