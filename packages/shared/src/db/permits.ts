import { ServiceUnavailable } from "../errors/errors.js";

interface Waiter {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * As many permits as the pool has connections, given in order of arrival. The driver's own queue has no end and no deadline, and it pipelines a
 * `begin` onto a busy connection; with a permit per transaction it never comes to either.
 */
export class Permits {
  readonly #size: number;
  readonly #waitMs: number;
  readonly #waiters = new Set<Waiter>();
  #inUse = 0;

  constructor(size: number, waitMs: number) {
    this.#size = size;
    this.#waitMs = waitMs;
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** @throws ServiceUnavailable when none becomes free in time */
  async take(): Promise<void> {
    if (this.#inUse < this.#size) {
      this.#inUse++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = {
      admit: resolve,
      timer: setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(
          new ServiceUnavailable(
            "database",
            new Error(`No connection of the pool (${this.#size}) became free in ${this.#waitMs} ms; ${this.#waiters.size} more wait.`),
          ),
        );
      }, this.#waitMs),
    };
    this.#waiters.add(waiter);
    return promise;
  }

  release(): void {
    const [next] = this.#waiters;
    if (next === undefined) {
      this.#inUse--;
      return;
    }
    // The permit passes on directly: nobody who arrives now can overtake.
    this.#waiters.delete(next);
    clearTimeout(next.timer);
    next.admit();
  }
}
