import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { RateLimiterRes } from "rate-limiter-flexible";
import { RateLimited } from "@weft/shared/errors";
import type { Services } from "@weft/platform/services";
import { openOptionalRedis } from "./optional-redis.js";
import { sharedWindows } from "./shared-windows.js";
import { type Charge, OwnWindows, type Windows } from "./windows.js";

/** Counts by key. A minute begins with the first count. */
export interface Counter {
  consume(key: string, points: number): Promise<Pick<RateLimiterRes, "consumedPoints" | "msBeforeNext">>;
  /** Takes points back that were consumed less than a minute ago. */
  giveBack(key: string, points: number): Promise<unknown>;
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

/** The limits can change at any time, so they are not part of the counters. */
const counted = { points: Number.MAX_SAFE_INTEGER, duration: 60 } as const;

/** With Redis, all processes share the counts. Others of the same process share them if they share the object. While Redis is unavailable, each process counts for itself. */
export async function createCounters({ config, log }: Pick<Services, "config" | "log">): Promise<Counters> {
  if (config.redisUrl === undefined)
    return { counter: byName(() => counterOf(new RateLimiterMemory(counted))), windows: new OwnWindows(), close: () => undefined };
  const redis = await openOptionalRedis(config.redisUrl, { log, config }, "operations are counted per process");
  return {
    counter: byName((name) => {
      const alone = new RateLimiterMemory(counted);
      const shared = new RateLimiterRedis({
        ...counted,
        storeClient: redis.client,
        keyPrefix: `${config.redisPrefix}:${name}`,
        rejectIfRedisNotReady: true,
      });
      return {
        consume: (key, points) =>
          shared.consume(key, points).catch((error: unknown) => {
            redis.failed(error);
            return alone.consume(key, points);
          }),
        giveBack: (key, points) =>
          shared.reward(key, points).catch((error: unknown) => {
            redis.failed(error);
            return alone.reward(key, points);
          }),
      };
    }),
    windows: sharedWindows(redis, `${config.redisPrefix}:windows`),
    close: () => redis.close(),
  };
}

const counterOf = (limiter: RateLimiterMemory): Counter => ({
  consume: (key, points) => limiter.consume(key, points),
  giveBack: (key, points) => limiter.reward(key, points),
});

function byName(make: (name: string) => Counter): Counters["counter"] {
  const made = new Map<string, Counter>();
  return (name) => {
    const counter = made.get(name) ?? make(name);
    made.set(name, counter);
    return counter;
  };
}

/** What one key has requested, and how much it can use per minute. */
type MinuteCharge = Omit<Charge, "windowMs">;

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
