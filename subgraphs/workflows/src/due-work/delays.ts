const FIRST_MS = 50;
const MAX_KEYS = 10_000;

/** Returns the key of an object of a tenant. */
export const keyIn = (tenantId: string, id: string): string => `${tenantId} ${id}`;

interface Delay {
  ms: number;
  until: number;
}

/**
 * Delays before the next attempt at work that could not be done, doubled after each attempt. They only save effort: they are lost with the process,
 * and are measured with its monotonic clock.
 */
export class Delays {
  readonly #delays = new Map<string, Delay>();

  /** Whether the last attempt was in vain. */
  has(key: string): boolean {
    return this.#delays.has(key);
  }

  isOver(key: string): boolean {
    return this.#leftOf(key) <= 0;
  }

  extend(key: string, longestMs: number): void {
    if (this.#delays.size >= MAX_KEYS) this.#delays.clear();
    const ms = Math.min(longestMs, (this.#delays.get(key)?.ms ?? FIRST_MS / 2) * 2);
    this.#delays.set(key, { ms, until: performance.now() + ms });
  }

  end(key: string): void {
    this.#delays.delete(key);
  }

  /** Returns the IDs of a tenant's objects whose delay is not over. */
  waitingIn(tenantId: string): string[] {
    const prefix = keyIn(tenantId, "");
    return [...this.#delays.keys()].flatMap((key) => (key.startsWith(prefix) && !this.isOver(key) ? [key.slice(prefix.length)] : []));
  }

  /** Returns the time until the first of them is over. Null if none of them is delayed. */
  shortestMs(keys: readonly string[]): number | null {
    const left = keys.filter((key) => this.has(key)).map((key) => Math.max(1, this.#leftOf(key)));
    return left.length > 0 ? Math.min(...left) : null;
  }

  #leftOf(key: string): number {
    const delay = this.#delays.get(key);
    return delay ? delay.until - performance.now() : 0;
  }
}
