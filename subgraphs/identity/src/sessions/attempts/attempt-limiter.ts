/** A login attempt before its result is known. */
export interface Attempt {
  /**
   * Hash of the login name and the given tenant, so that the limiter stores no names. Without the tenant, an attacker could reset the failures by
   * logging in as a user with the same name in a tenant of their own.
   */
  readonly nameHash: string;
  /** Network address as returned by `networkOf`. */
  readonly address: string;
}

/** Counts failed logins. Successful logins are free. Implementations can share their counts between processes; the default counts per process. */
export interface AttemptLimiter {
  /**
   * Registers an attempt, or returns the seconds to wait. An attempt counts as failed until `succeeded` reverts it. If attempts were counted only
   * after their result, a thousand concurrent guesses would all pass the check before the first one failed.
   */
  begin(attempt: Attempt): Promise<{ retryAfter: number } | null>;
  /** The password was correct: reverts the attempt and resets the failures of the name at this address. */
  succeeded(attempt: Attempt): Promise<void>;
  /** The attempt had no result (the database was unavailable): reverts it. */
  cancelled(attempt: Attempt): Promise<void>;
}

/** Maximum numbers of failures within a time window. */
export interface AttemptLimits {
  readonly windowMs: number;
  /** For one name from one address: guessing the password of a user. */
  readonly perNameAndAddress: number;
  /** For one address and any name: password spraying. */
  readonly perAddress: number;
  /** For one name from all addresses from which it never logged in: distributed guessing. */
  readonly perName: number;
}

export const defaultAttemptLimits: AttemptLimits = { windowMs: 15 * 60_000, perNameAndAddress: 10, perAddress: 100, perName: 100 };

/** Never limits and counts nothing. */
export const unlimitedAttempts: AttemptLimiter = {
  begin: async () => null,
  succeeded: async () => undefined,
  cancelled: async () => undefined,
};

/** Maximum number of counters and known addresses. Beyond it the oldest are evicted, so a flood of names cannot exhaust memory. */
const capacity = 100_000;

interface Counter {
  failures: number;
  readonly resetsAt: number;
}

/**
 * Limiter for one process. Attackers cannot lock users out by failing in their name: failures count per address first, and addresses from which the
 * name has logged in before are exempt from the count shared by all addresses.
 */
export function inProcessAttemptLimiter(limits: AttemptLimits = defaultAttemptLimits, now: () => number = Date.now): AttemptLimiter {
  const counters = new Map<string, Counter>();
  const knownPlaces = new Map<string, true>();

  const placeOf = ({ nameHash, address }: Attempt) => `${nameHash} ${address}`;
  const countedBy = (attempt: Attempt): [key: string, max: number][] => {
    const counts: [string, number][] = [
      [`place ${placeOf(attempt)}`, limits.perNameAndAddress],
      [`address ${attempt.address}`, limits.perAddress],
    ];
    if (!knownPlaces.has(placeOf(attempt))) counts.push([`name ${attempt.nameHash}`, limits.perName]);
    return counts;
  };
  const current = (key: string): Counter | undefined => {
    const counter = counters.get(key);
    return counter && counter.resetsAt > now() ? counter : undefined;
  };

  const giveBack = (attempt: Attempt): void => {
    for (const [key] of countedBy(attempt)) {
      const counter = current(key);
      if (counter) counter.failures = Math.max(0, counter.failures - 1);
    }
  };

  return {
    async begin(attempt) {
      const counts = countedBy(attempt);
      const waitsMs = counts.map(([key, max]) => {
        const counter = current(key);
        return counter && counter.failures >= max ? counter.resetsAt - now() : 0;
      });
      const waitMs = Math.max(...waitsMs);
      if (waitMs > 0) return { retryAfter: Math.ceil(waitMs / 1000) };
      for (const [key] of counts) {
        const counter = current(key);
        if (counter) counter.failures += 1;
        else remember(counters, key, { failures: 1, resetsAt: now() + limits.windowMs });
      }
      return null;
    },
    async succeeded(attempt) {
      giveBack(attempt);
      counters.delete(`place ${placeOf(attempt)}`);
      remember(knownPlaces, placeOf(attempt), true);
    },
    async cancelled(attempt) {
      giveBack(attempt);
    },
  };
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= capacity) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
