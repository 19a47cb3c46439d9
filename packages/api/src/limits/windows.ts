import { LRUCache } from "lru-cache";

/** What an operation takes from a limit: points of a key, in a window that begins with its first point. */
export interface Charge {
  readonly key: string;
  readonly points: number;
  readonly allowed: number;
  readonly windowMs: number;
}

/** Use of a window. */
export interface WindowUse {
  readonly used: number;
  /** Time until the window ends. The whole window if nothing of it is used. */
  readonly endsInMs: number;
}

/** The outcome of an attempt to take points. */
export interface Taking {
  readonly isTaken: boolean;
  /** The use of each charge's window, afterwards. Undefined if it is not known, because another limit is known to be exceeded. */
  readonly uses: readonly (WindowUse | undefined)[];
}

/** Counts points per key and window. Counts of one process or, with Redis, of all processes. */
export interface Windows {
  /**
   * Takes the points of all charges, or of none if one of them would exceed its limit: what is refused for one reason uses up nothing else. Never rejects.
   * Charges without points only read.
   */
  take(charges: readonly Charge[]): Promise<Taking>;
  /** Returns points that were taken, unless the window has ended. Never rejects. */
  giveBack(charge: Pick<Charge, "key" | "points">): Promise<void>;
}

/** More users and addresses than one process serves within a day. */
const maxWindows = 100_000;

interface Window {
  used: number;
  readonly endsAt: number;
}

/** Windows of this process, in bounded memory: the one that was not used for the longest time goes first. */
export class OwnWindows implements Windows {
  readonly #windows = new LRUCache<string, Window>({ max: maxWindows });
  readonly #now: () => number;

  /** @param now a clock in milliseconds that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  take(charges: readonly Charge[]): Promise<Taking> {
    const now = this.#now();
    const isTaken = charges.every(({ key, points, allowed }) => points === 0 || (this.#current(key, now)?.used ?? 0) + points <= allowed);
    const uses = charges.map(({ key, points, windowMs }) => {
      const known = this.#current(key, now);
      if (!isTaken || points === 0) return { used: known?.used ?? 0, endsInMs: known ? known.endsAt - now : windowMs };
      const window = known ?? { used: 0, endsAt: now + windowMs };
      window.used += points;
      if (!known) this.#windows.set(key, window);
      return { used: window.used, endsInMs: window.endsAt - now };
    });
    return Promise.resolve({ isTaken, uses });
  }

  giveBack({ key, points }: Pick<Charge, "key" | "points">): Promise<void> {
    const window = this.#current(key, this.#now());
    if (window) window.used = Math.max(0, window.used - points);
    return Promise.resolve();
  }

  #current(key: string, now: number): Window | undefined {
    const window = this.#windows.get(key);
    return window && window.endsAt > now ? window : undefined;
  }
}
