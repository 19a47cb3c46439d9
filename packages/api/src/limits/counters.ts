import { RateLimited } from "@weft/shared/errors";
import type { Services } from "@weft/platform/services";
import { openOptionalRedis } from "./optional-redis.js";
import { sharedWindows } from "./shared-windows.js";
import { type Charge, OwnWindows, type Windows } from "./windows.js";

/** Counts by key. A minute begins with the first count. */
export interface Counter {
  /** Counts also beyond any limit. Never rejects. */
  consume(key: string, points: number): Promise<Consumed>;
}

/** What a key has used in this minute, and when the minute ends. */
export interface Consumed {
  readonly consumedPoints: number;
  readonly msBeforeNext: number;
}

/** Counters of one process or, with Redis, shared by all processes. */
export interface Counters {
  /** The same for the same name. @param name what is counted; part of the keys in Redis */
  counter(name: string): Counter;
  /** Counts in windows of any length, several at once. */
  readonly windows: Windows;
  close(): void;
}

/** The counter of the events that a tenant publishes, with `publishEvent` as well as with steps. */
export const PUBLISHED_EVENTS = "published-events";

/**
 * With Redis, all processes share the counts. Others of the same process share them if they share the object. While Redis is unavailable, each process counts
 * for itself.
 * @param redisTimeoutMs time after which Redis counts as unavailable. Default: 100
 */
export async function createCounters({ config, log }: Pick<Services, "config" | "log">, redisTimeoutMs?: number): Promise<Counters> {
  if (config.redisUrl === undefined) return countersIn(new OwnWindows());
  const redis = await openOptionalRedis(config.redisUrl, { log, config }, "operations are counted per process", redisTimeoutMs);
  return { ...countersIn(sharedWindows(redis, `${config.redisPrefix}:windows`)), close: () => redis.close() };
}

/** Returns counters that count in these windows. */
export const countersIn = (windows: Windows): Counters => ({
  windows,
  counter: (name) => ({
    consume: async (key, points) => {
      const charge = { scope: name, key: `${name}:${key}`, points, allowed: Number.MAX_SAFE_INTEGER, windowMs: MINUTE_MS };
      const [use] = (await windows.take([charge])).uses;
      return { consumedPoints: use?.used ?? 0, msBeforeNext: use?.endsInMs ?? MINUTE_MS };
    },
  }),
  close: () => undefined,
});

const MINUTE_MS = 60_000;

/** What one key has requested, and how much it can use per minute. */
type MinuteCharge = Omit<Charge, "scope" | "windowMs">;

/** How long a key beyond its limit is refused without further counting. Points can be given back in the meantime. */
const knownForMs = 1_000;

/**
 * Enforces limits per minute and key. A key beyond its limit is counted once a second until the minute ends or its limit is raised.
 * @param reason returns a sentence that says which limit was exceeded
 * @returns a function that counts, and throws RateLimited beyond the limit
 */
export function perMinute(counter: Pick<Counter, "consume">, reason: (allowed: number) => string): (charge: MinuteCharge) => Promise<void> {
  const exceeded = new Map<string, { readonly allowed: number; readonly until: number; readonly knownUntil: number }>();

  function refusal(allowed: number, until: number): RateLimited {
    const retryAfter = Math.max(1, Math.ceil((until - performance.now()) / 1_000));
    return new RateLimited({ retryAfter }, reason(allowed));
  }

  return async ({ key, points, allowed }) => {
    const known = exceeded.get(key);
    if (known && known.allowed >= allowed && known.knownUntil > performance.now()) throw refusal(allowed, known.until);
    exceeded.delete(key);
    const { consumedPoints, msBeforeNext } = await counter.consume(key, points);
    if (consumedPoints <= allowed) return;
    const until = performance.now() + msBeforeNext;
    if (exceeded.size > 10_000) exceeded.clear();
    exceeded.set(key, { allowed, until, knownUntil: Math.min(until, performance.now() + knownForMs) });
    throw refusal(allowed, until);
  };
}
