/** What is known of a login attempt before its answer. */
export interface Attempt {
  /**
   * Hash of the login name and of the tenant that was named with it, so that the limiter holds no names. Without the tenant, whoever has a
   * user of the same name in a tenant of his own could take back the failures by logging in there.
   */
  readonly nameHash: string;
  /** As `networkOf` gives it. */
  readonly address: string;
}

/**
 * Counts failed logins; a successful one costs nothing. Implementations may share their counts between processes; the default counts in
 * this process.
 */
export interface AttemptLimiter {
  /**
   * Takes one attempt, or says how many seconds to wait. An attempt counts as failed until `succeeded` gives it back: were it counted
   * after its answer, a thousand guesses at once would all pass the check before the first of them had failed.
   */
  begin(attempt: Attempt): Promise<{ retryAfter: number } | null>;
  /** The password was right: the attempt is given back, and the name's failures at this address are forgotten. */
  succeeded(attempt: Attempt): Promise<void>;
  /** The attempt came to no answer (the database was away): it is given back. */
  cancelled(attempt: Attempt): Promise<void>;
}

/** How many failures within which time. */
export interface AttemptLimits {
  readonly windowMs: number;
  /** Of one name from one address: guessing at a person. */
  readonly perNameAndAddress: number;
  /** Of one address, whatever the name: spraying. */
  readonly perAddress: number;
  /** Of one name from all addresses that never logged in with it: guessing from many machines. */
  readonly perName: number;
}

export const defaultAttemptLimits: AttemptLimits = { windowMs: 15 * 60_000, perNameAndAddress: 10, perAddress: 100, perName: 100 };

/** Refuses nobody and counts nothing. */
export const unlimitedAttempts: AttemptLimiter = {
  begin: async () => null,
  succeeded: async () => undefined,
  cancelled: async () => undefined,
};

/** Counters and known places beyond this number push out the oldest, so that a flood of names cannot fill memory. */
const capacity = 100_000;

interface Counter {
  failures: number;
  readonly resetsAt: number;
}

/**
 * The limiter of one process. Locking somebody out by failing in their name does not work: failures count per address first, and a place
 * from which the name has logged in before is exempt from the count that all addresses share.
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
