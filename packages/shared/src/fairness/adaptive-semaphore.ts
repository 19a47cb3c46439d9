import { AdaptiveLimit, type LoopTimes, sampleMs } from "./adaptive-limit.js";
import { FairSemaphore, type FairSemaphoreOptions, type Waiting } from "./fair-semaphore.js";

export interface AdaptiveSemaphoreOptions extends Omit<FairSemaphoreOptions, "perKey"> {
  /** Maximum number of slots per key while the event loop has capacity. */
  readonly maxPerKey: number;
  /** Replaced in tests. */
  readonly loop?: () => LoopTimes;
}

interface AdaptiveWaiting extends Waiting {
  readonly onWait?: () => void;
}

/**
 * A `FairSemaphore` in which a heavy user holds fewer slots while the event loop is saturated (`AdaptiveLimit`). Waiting callers are admitted as soon
 * as it has capacity again, even if no slot was released: the work that holds a slot can itself be waiting for something else. During the pause after
 * an operation, its caller already has the result.
 */
export class AdaptiveSemaphore {
  readonly #places: FairSemaphore;
  readonly #limit: AdaptiveLimit;
  #watch: NodeJS.Timeout | undefined;
  #running = 0;
  /** What an operation that has always been running would have used: the integral of `1/n` for `n` operations that run at the same time. */
  #usedByOneMs = 0;
  #changedAt = performance.now();

  constructor({ maxPerKey, loop, ...options }: AdaptiveSemaphoreOptions) {
    this.#limit = new AdaptiveLimit({ max: maxPerKey, ...(loop && { loop }) });
    this.#places = new FairSemaphore({ ...options, perKey: (key) => this.#limit.of(key) });
  }

  get waiting(): number {
    return this.#places.waiting;
  }

  /** Runs the work in a slot of the key. `onWait` is called before and after the wait. Rejects as `FairSemaphore.run` does. */
  async run<T>(key: string, work: () => Promise<T>, { onWait = () => undefined, ...wait }: AdaptiveWaiting = {}): Promise<T> {
    const waiting = this.#places.take(key, wait);
    if (waiting) {
      onWait();
      this.#watch ??= setInterval(() => this.#look(), sampleMs).unref();
      await waiting.finally(onWait);
    }
    const began = this.#run(1);
    try {
      return await work();
    } finally {
      const ended = this.#run(-1);
      this.#limit.add(key, ended.usedByOneMs - began.usedByOneMs);
      const restMs = this.#limit.restAfter(key, ended.at - began.at);
      if (restMs === 0) this.#places.release(key);
      else setTimeout(() => this.#places.release(key), restMs).unref();
    }
  }

  /** Counts an operation that begins or ends. Returns when that was, and what one operation would have used until then. */
  #run(change: 1 | -1): { readonly at: number; readonly usedByOneMs: number } {
    const at = performance.now();
    if (this.#running > 0) this.#usedByOneMs += (at - this.#changedAt) / this.#running;
    this.#changedAt = at;
    this.#running += change;
    return { at, usedByOneMs: this.#usedByOneMs };
  }

  #look(): void {
    this.#limit.adapt();
    this.#places.admit();
    if (this.#places.waiting > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}
