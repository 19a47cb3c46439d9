import { countedBy, defaultAttemptLimits } from "./attempt-limits.js";
import type { Attempt, AttemptCounters, AttemptLimits } from "./attempt-limits.js";
import { memoryCounters } from "./memory-counters.js";

/**
 * Counts failed attempts. Successful ones are free. Attackers cannot lock users out by failing in their name: a device or an address from which the
 * user has logged in before is exempt from what strangers do.
 */
export interface AttemptLimiter {
  /**
   * Registers an attempt, or returns the seconds to wait. An attempt counts as failed until `succeeded` reverts it. If attempts were counted only
   * after their result, a thousand concurrent guesses would all pass the check before the first one failed.
   */
  begin(attempt: Attempt): Promise<{ retryAfter: number } | null>;
  /** The password was correct: reverts the attempt and resets the failures of the name at this address, or of the device. */
  succeeded(attempt: Attempt): Promise<void>;
  /** The attempt had no result (the database was unavailable): reverts it. */
  cancelled(attempt: Attempt): Promise<void>;
}

/** Never limits and counts nothing. */
export const unlimitedAttempts: AttemptLimiter = {
  begin: async () => null,
  succeeded: async () => undefined,
  cancelled: async () => undefined,
};

/** Returns the limiter with these counters. */
export function attemptLimiter(counters: AttemptCounters, limits: AttemptLimits = defaultAttemptLimits): AttemptLimiter {
  return {
    begin: async (attempt) => {
      const waitMs = await counters.spend(countedBy(attempt, limits));
      return waitMs > 0 ? { retryAfter: Math.ceil(waitMs / 1000) } : null;
    },
    succeeded: (attempt) => counters.giveBack(countedBy(attempt, limits), "succeeded"),
    cancelled: (attempt) => counters.giveBack(countedBy(attempt, limits), "cancelled"),
  };
}

/** Limiter for one process. */
export const inProcessAttemptLimiter = (limits?: AttemptLimits, now?: () => number): AttemptLimiter =>
  attemptLimiter(memoryCounters(now), limits);
