import { AsyncLocalStorage } from "node:async_hooks";

/** The transaction that the running code has to itself. */
const own = new AsyncLocalStorage<Turns>();

/** Whose turn it is to send statements of a transaction. */
export class Turns {
  /** The end of the last of those that have, or wait for, the transaction to themselves. */
  #last: Promise<void> | null = null;

  /** Returns whether other code has the transaction to itself now. */
  get isTaken(): boolean {
    return this.#last !== null && own.getStore() !== this;
  }

  /** Waits until no other code has the transaction to itself. */
  async free(): Promise<void> {
    while (this.isTaken) await this.#last;
  }

  /** Runs `fn` while it has the transaction to itself. */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    if (own.getStore() === this) return fn();
    const before = this.#last;
    const end = Promise.withResolvers<void>();
    this.#last = end.promise;
    try {
      if (before !== null) await before;
      return await own.run(this, fn);
    } finally {
      if (this.#last === end.promise) this.#last = null;
      end.resolve();
    }
  }
}
