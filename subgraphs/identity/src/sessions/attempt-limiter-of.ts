import type { Services } from "@weft/shared";
import { inProcessAttemptLimiter, unlimitedAttempts } from "./attempt-limiter.js";
import type { AttemptLimiter } from "./attempt-limiter.js";
import { redisAttemptLimiter } from "./redis-attempt-limiter.js";

const limiters = new WeakMap<Services, AttemptLimiter>();

/** The limiter of a process's services: its own, unless another one was set. */
export function attemptLimiterOf(services: Services): AttemptLimiter {
  const known = limiters.get(services);
  if (known) return known;
  const made = inProcessAttemptLimiter();
  limiters.set(services, made);
  return made;
}

/**
 * The limiter of logins by password. A demo refuses nobody: its passwords are published, and whoever mistypes one in the first minutes would be kept
 * out for a quarter of an hour.
 */
export function passwordLimiterOf(services: Services): AttemptLimiter {
  return services.config.mode === "demo" ? unlimitedAttempts : attemptLimiterOf(services);
}

/**
 * With a Redis, failed logins count over all processes. Call it in the composition root, before the first login.
 * @returns closes the connection
 */
export async function shareLoginAttempts(services: Services): Promise<() => void> {
  const { config, log } = services;
  if (config.redisUrl === undefined) return () => undefined;
  const limiter = await redisAttemptLimiter({
    url: config.redisUrl,
    prefix: `${config.redisPrefix}:`,
    onError: (error) => log.warn({ err: error }, "failed logins are counted per process: Redis is disturbed"),
  });
  limiters.set(services, limiter);
  return () => limiter.close();
}
