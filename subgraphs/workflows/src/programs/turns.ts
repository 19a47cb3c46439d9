/** Gives turns to work of which only some can go on at the same time. Tenants take turns, so that one with much work does not delay the others. */
export class Turns {
  readonly #places: number;
  /** What waits, by tenant. The tenant whose turn is next is the first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #taken = 0;

  /** @param places amount of work at the same time */
  constructor(places: number) {
    this.#places = places;
  }

  /**
   * Does the work when it is its turn.
   * @throws the reason of the signal, if it aborts before
   */
  async take<T>(tenantId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#taken < this.#places) this.#taken++;
    else await this.#wait(tenantId, signal);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #wait(tenantId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        const left = (this.#waiting.get(tenantId) ?? []).filter((one) => one !== begin);
        if (left.length > 0) this.#waiting.set(tenantId, left);
        else this.#waiting.delete(tenantId);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.set(tenantId, [...(this.#waiting.get(tenantId) ?? []), begin]);
    });
  }

  /** Passes a place on, or frees it. */
  #pass(): void {
    const [next] = this.#waiting;
    if (!next) return void this.#taken--;
    const [tenantId, [begin, ...others]] = next;
    this.#waiting.delete(tenantId);
    if (others.length > 0) this.#waiting.set(tenantId, others);
    begin?.();
  }
}
