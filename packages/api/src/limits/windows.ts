import { LRUCache } from "lru-cache";

/** What an operation takes from a limit: points of a key, in a window that begins with its first point. */
export interface Charge {
  /** What the key stands for, for example users or addresses. Windows of different scopes do not displace each other. There are few. */
  readonly scope: string;
  /** Unique in all scopes. */
  readonly key: string;
  readonly points: number;
  readonly allowed: number;
  readonly windowMs: number;
  /**
   * Place of an earlier charge of the same attempt whose window this one shares: it begins and ends with that one, whenever its own first point was taken.
   * For points that only mean something as a part of others.
   */
  readonly sharesWindowOf?: number;
}

/** Use of a window. */
export interface WindowUse {
  readonly used: number;
  /** Time until the window ends. The whole window if nothing of it is used. */
  readonly endsInMs: number;
}

/** Points that were taken, and can be given back. */
export interface Taken extends Pick<Charge, "scope" | "key" | "points"> {
  /** End of the window, on the clock of the windows. */
  readonly endsAt: number;
  /** Whether they were taken in this process only, because Redis was unavailable. */
  readonly isOwn: boolean;
}

/** The outcome of an attempt to take points. */
export interface Taking {
  readonly isTaken: boolean;
  /** The use of each charge's window, afterwards. Undefined if it is not known, because another limit is known to be exceeded. */
  readonly uses: readonly (WindowUse | undefined)[];
  /** What was taken of each charge. Empty if nothing was. */
  readonly taken: readonly Taken[];
}

/** Counts points per key and window. Counts of one process or, with Redis, of all processes. */
export interface Windows {
  /**
   * Takes the points of all charges, or of none if one of them would exceed its limit: what is refused for one reason uses up nothing else. Never rejects.
   * Charges without points only read.
   */
  take(charges: readonly Charge[]): Promise<Taking>;
  /**
   * Returns points that were taken, unless their window has ended: another one owes them nothing. No window has less than no use. Never rejects.
   */
  giveBack(taken: readonly Taken[]): Promise<void>;
}

/** More users or addresses than one process serves within a day. */
const maxWindowsPerScope = 100_000;

interface Window {
  used: number;
  readonly endsAt: number;
}

/**
 * Windows of this process, in bounded memory: the one that was not used for the longest time goes first. Each scope has a bound of its own. A flood from many
 * addresses would otherwise displace the windows of users, whose limits would start over.
 */
export class OwnWindows implements Windows {
  readonly #byScope = new Map<string, LRUCache<string, Window>>();
  readonly #now: () => number;
  readonly #maxPerScope: number;

  /**
   * @param now a clock in milliseconds that never goes back
   * @param maxPerScope number of windows of a scope
   */
  constructor(now: () => number = () => performance.now(), maxPerScope = maxWindowsPerScope) {
    this.#now = now;
    this.#maxPerScope = maxPerScope;
  }

  take(charges: readonly Charge[]): Promise<Taking> {
    const now = this.#now();
    const all: { readonly charge: Charge; readonly window: Window }[] = [];
    for (const charge of charges) {
      const shared = charge.sharesWindowOf === undefined ? undefined : all[charge.sharesWindowOf]?.window;
      all.push({ charge, window: this.#currentOrNew(charge, shared, now) });
    }
    const isTaken = all.every(({ charge: { points, allowed }, window }) => points === 0 || window.used + points <= allowed);
    const taken: Taken[] = [];
    if (isTaken)
      for (const { charge, window } of all) {
        const { scope, key, points } = charge;
        if (points > 0 && window.used === 0) this.#windowsOf(scope).set(key, window);
        window.used += points;
        taken.push({ scope, key, points, endsAt: window.endsAt, isOwn: true });
      }
    const uses = all.map(({ window: { used, endsAt } }) => ({ used, endsInMs: endsAt - now }));
    return Promise.resolve({ isTaken, uses, taken });
  }

  giveBack(taken: readonly Taken[]): Promise<void> {
    const now = this.#now();
    for (const each of taken) {
      const window = this.#current(each, now);
      if (window?.endsAt === each.endsAt) window.used = Math.max(0, window.used - each.points);
    }
    return Promise.resolve();
  }

  /** @param shared the window that the charge's window shares */
  #currentOrNew(charge: Charge, shared: Window | undefined, now: number): Window {
    const known = this.#current(charge, now);
    if (known && (!shared || known.endsAt === shared.endsAt)) return known;
    return { used: 0, endsAt: shared?.endsAt ?? now + charge.windowMs };
  }

  #current({ scope, key }: Pick<Charge, "scope" | "key">, now: number): Window | undefined {
    const window = this.#byScope.get(scope)?.get(key);
    return window && window.endsAt > now ? window : undefined;
  }

  #windowsOf(scope: string): LRUCache<string, Window> {
    let windows = this.#byScope.get(scope);
    // With `max` instead of `maxSize`, the cache would reserve some megabytes at once.
    if (!windows) this.#byScope.set(scope, (windows = new LRUCache({ maxSize: this.#maxPerScope, sizeCalculation: () => 1 })));
    return windows;
  }
}
