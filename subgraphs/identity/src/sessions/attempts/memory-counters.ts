import type { AttemptCounters, Counted, Counter, CounterLimit } from "./attempt-limits.js";

/** Maximum number of counters and known addresses. Beyond it, those that were not used for the longest time are evicted: a flood cannot exhaust memory. */
const capacity = 200_000;

interface Level {
  /** Failures that are not forgotten yet, at `atMs`. */
  readonly failures: number;
  readonly atMs: number;
  /** Time of the last attempt that was not reverted. 0 if it was. */
  readonly lastMs: number;
}

/** Returns the counters of one process. `redis-counters.ts` does the same in Lua, and both have the same tests. */
export function memoryCounters(now: () => number = Date.now): AttemptCounters {
  const levels = new Map<string, Level>();
  const known = new Map<string, true>();

  const levelOf = ({ key, limit }: Counter): Level => {
    const level = levels.get(key);
    if (!level) return { failures: 0, atMs: now(), lastMs: 0 };
    const forgotten = ((now() - level.atMs) * limit.free) / limit.windowMs;
    return { failures: Math.max(0, level.failures - forgotten), atMs: now(), lastMs: level.lastMs };
  };
  const countersOf = ({ counters, knownKey }: Counted): readonly Counter[] =>
    known.has(knownKey) ? counters.filter(({ isOfStrangers }) => !isOfStrangers) : counters;
  const divisorOf = ({ alarm, knownKey }: Counted): number =>
    alarm !== null && !known.has(knownKey) && levelOf(alarm.counter).failures >= alarm.from ? alarm.divisor : 1;

  return {
    spend: async (counted) => {
      const divisor = divisorOf(counted);
      const counters = countersOf(counted);
      const waitMs = Math.max(
        ...counters.map((counter) => waitOf(levelOf(counter), counter.limit, counter.isTightened ? divisor : 1, now())),
      );
      if (waitMs > 0) return waitMs;
      for (const counter of counters) {
        const { failures } = levelOf(counter);
        remember(levels, counter.key, { failures: failures + 1, atMs: now(), lastMs: now() });
      }
      return 0;
    },
    giveBack: async (counted, result) => {
      for (const counter of countersOf(counted)) {
        if (!levels.has(counter.key)) continue;
        const { failures } = levelOf(counter);
        remember(levels, counter.key, { failures: Math.max(0, failures - 1), atMs: now(), lastMs: 0 });
      }
      if (result === "cancelled") return;
      levels.delete(counted.ownKey);
      remember(known, counted.knownKey, true);
    },
  };
}

/**
 * Returns the milliseconds until the next attempt: none while there are free failures, and otherwise until the delay has passed, or one is free again.
 * @param divisor of the free failures
 */
function waitOf(
  { failures, lastMs }: Level,
  { free, windowMs, delayMs, maxDelayMs }: CounterLimit,
  divisor: number,
  nowMs: number,
): number {
  const over = failures + 1 - Math.max(1, Math.floor(free / divisor));
  if (over <= 0) return 0;
  const delay = Math.min(maxDelayMs, delayMs * 2 ** Math.min(40, Math.ceil(over) - 1));
  const untilFree = (over * windowMs) / free;
  return Math.max(0, Math.min(lastMs + delay - nowMs, untilFree));
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= capacity) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
