/**
 * Gives turns to work of which only some can go on at the same time. Tenants take turns, so that one with much work does not delay the others, and none has
 * all places, so that one with long work does not either.
 */
export class Turns {
  readonly #places: number;
  readonly #placesOfTenant: number;
  /** What waits, by tenant. The tenant whose turn is next is the first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** Places that tenants have. */
  readonly #taken = new Map<string, number>();

  /**
   * @param places amount of work at the same time
   * @param placesOfTenant the same for one tenant
   */
  constructor(places: number, placesOfTenant: number) {
    this.#places = places;
    this.#placesOfTenant = placesOfTenant;
  }

  /**
   * Does the work when it is its turn.
   * @throws the reason of the signal, if it aborts before
   */
  async take<T>(tenantId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#isFreeFor(tenantId)) this.#count(tenantId, 1);
    else await this.#wait(tenantId, signal);
    try {
      return await work();
    } finally {
      this.#count(tenantId, -1);
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

  #isFreeFor(tenantId: string): boolean {
    const all = [...this.#taken.values()].reduce((sum, taken) => sum + taken, 0);
    return all < this.#places && (this.#taken.get(tenantId) ?? 0) < this.#placesOfTenant;
  }

  #count(tenantId: string, change: 1 | -1): void {
    const taken = (this.#taken.get(tenantId) ?? 0) + change;
    if (taken > 0) this.#taken.set(tenantId, taken);
    else this.#taken.delete(tenantId);
  }

  /** Passes a free place on, if somebody may have it. */
  #pass(): void {
    const next = [...this.#waiting].find(([waiting]) => this.#isFreeFor(waiting));
    if (!next) return;
    const [tenantId, [begin, ...others]] = next;
    this.#count(tenantId, 1);
    this.#waiting.delete(tenantId);
    if (others.length > 0) this.#waiting.set(tenantId, others);
    begin?.();
  }
}
