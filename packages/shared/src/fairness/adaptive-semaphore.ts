import { AdaptiveLimit, type LoopTimes, sampleMs } from "./adaptive-limit.js";
import { FairSemaphore, type FairSemaphoreOptions, type Waiting } from "./fair-semaphore.js";

export interface AdaptiveSemaphoreOptions extends Omit<FairSemaphoreOptions, "perKey"> {
  /** Most places that a key holds while the event loop has time. */
  readonly maxPerKey: number;
  /** Replaced in tests. */
  readonly loop?: () => LoopTimes;
}

interface AdaptiveWaiting extends Waiting {
  readonly onWait?: () => void;
}

/**
 * A `FairSemaphore` in which a heavy user holds fewer places while the event loop has no time left (`AdaptiveLimit`). Whoever waits is let in as soon as it has
 * time again, also when nobody leaves: what holds a place may itself wait for something else. Who rests after an operation has its result already.
 */
export class AdaptiveSemaphore {
  readonly #places: FairSemaphore;
  readonly #limit: AdaptiveLimit;
  #watch: NodeJS.Timeout | undefined;

  constructor({ maxPerKey, loop, ...options }: AdaptiveSemaphoreOptions) {
    this.#limit = new AdaptiveLimit({ max: maxPerKey, ...(loop && { loop }) });
    this.#places = new FairSemaphore({ ...options, perKey: (key) => this.#limit.of(key) });
  }

  get waiting(): number {
    return this.#places.waiting;
  }

  /** Runs the work in a place of the key. `onWait` is called before it waits, and after. Rejects as `FairSemaphore.run` does. */
  async run<T>(key: string, work: () => Promise<T>, { onWait = () => undefined, ...wait }: AdaptiveWaiting = {}): Promise<T> {
    const waiting = this.#places.take(key, wait);
    if (waiting) {
      onWait();
      this.#watch ??= setInterval(() => this.#look(), sampleMs).unref();
      await waiting.finally(onWait);
    }
    const began = performance.now();
    try {
      return await work();
    } finally {
      const ms = performance.now() - began;
      this.#limit.add(key, ms);
      const restMs = this.#limit.restAfter(key, ms);
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
