import type { Services } from "@weft/shared";
import { inProcessAttemptLimiter } from "./attempt-limiter.js";
import type { AttemptLimiter } from "./attempt-limiter.js";

const limiters = new WeakMap<Services, AttemptLimiter>();

/** The limiter of a process's services: its own, unless another one was set. */
export function attemptLimiterOf(services: Services): AttemptLimiter {
  const known = limiters.get(services);
  if (known) return known;
  const made = inProcessAttemptLimiter();
  limiters.set(services, made);
  return made;
}

/** Sets another limiter, for instance one that several processes share. Call it in the composition root, before the first login. */
export function setAttemptLimiter(services: Services, limiter: AttemptLimiter): void {
  limiters.set(services, limiter);
}
