import { AdaptiveLimit, type LoopTimes, sampleMs } from "./adaptive-limit.js";
import { FairSemaphore, type FairSemaphoreOptions, type Waiting } from "./fair-semaphore.js";
import { SharedTime } from "./shared-time.js";

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
  readonly #time = new SharedTime(() => performance.now());

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
    const began = performance.now();
    const end = this.#time.begin();
    try {
      return await work();
    } finally {
      this.#limit.add(key, end());
      const restMs = this.#limit.restAfter(key, performance.now() - began);
      if (restMs === 0) this.#places.release(key);
      else setTimeout(() => this.#places.release(key), restMs).unref();
    }
  }

  #look(): void {
    this.#limit.adapt();
    this.#places.admit();
    if (this.#places.waiting > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}
