import type { Services } from "@weft/platform/services";
import { finishAfterAnswers } from "../after-answer.js";
import { attemptLimiter, inProcessAttemptLimiter, unlimitedAttempts } from "./attempt-limiter.js";
import type { AttemptLimiter } from "./attempt-limiter.js";
import { redisCounters } from "./redis-counters.js";

const limiters = new WeakMap<Services, AttemptLimiter>();

/** Returns the limiter of a process's services, by default an in-process one. */
export function attemptLimiterOf(services: Services): AttemptLimiter {
  const known = limiters.get(services);
  if (known) return known;
  const made = inProcessAttemptLimiter();
  limiters.set(services, made);
  return made;
}

/**
 * Returns the limiter of password logins. A demo has no limit: its passwords are public, and mistyping one would lock a visitor out for a quarter of
 * an hour.
 */
export function passwordLimiterOf(services: Services): AttemptLimiter {
  return services.config.mode === "demo" ? unlimitedAttempts : attemptLimiterOf(services);
}

/**
 * Counts failed logins across all processes if Redis is configured. Call it in the composition root, before the first login.
 * @returns a function that closes the connection, and finishes the work of earlier logins. Call it before the databases are closed.
 */
export async function shareLoginAttempts(services: Services): Promise<() => Promise<void>> {
  const { config, log } = services;
  if (config.redisUrl === undefined) return () => finishAfterAnswers(services);
  const counters = await redisCounters({
    url: config.redisUrl,
    prefix: `${config.redisPrefix}:`,
    changes: config.secretChanges,
    onError: (error) => log.warn({ err: error }, "failed logins are counted per process, because Redis is disrupted"),
  });
  limiters.set(services, attemptLimiter(counters));
  return async () => {
    counters.close();
    await finishAfterAnswers(services);
  };
}
