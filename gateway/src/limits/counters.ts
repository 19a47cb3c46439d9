import { RateLimited, reconnectDelayMs } from "@weft/shared";
import type { Services } from "@weft/shared";
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { RateLimiterRes } from "rate-limiter-flexible";

/** Counts by key; a minute begins with the first count. */
export interface Counter {
  consume(key: string, points: number): Promise<Pick<RateLimiterRes, "consumedPoints" | "msBeforeNext">>;
}

/** Counters of one process, or with Redis of all processes together. */
export interface Counters {
  /** @param name what is counted: part of the keys in Redis */
  counter(name: string): Counter;
  close(): void;
}

/** No operation waits longer for Redis; then this process counts for itself. */
const redisTimeoutMs = 100;

/** The limits may change at any moment, so the counters have none. */
const counted = { points: Number.MAX_SAFE_INTEGER, duration: 60 } as const;

/** With Redis the processes count together; while it is away each counts alone. */
export async function createCounters({ config, log }: Pick<Services, "config" | "log">): Promise<Counters> {
  if (config.redisUrl === undefined) return { counter: () => new RateLimiterMemory(counted), close: () => undefined };
  // Loaded here: a start without Redis does without its client.
  const { Redis } = await import("ioredis");
  const redis = new Redis(config.redisUrl, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: redisTimeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: reconnectDelayMs,
  });
  const onError = (error: unknown): void => log.warn({ err: error }, "operations are counted per process: Redis is disturbed");
  redis.on("error", onError);
  // A process may start while Redis is away: the client goes on trying.
  await redis.connect().catch(onError);
  let isGivenUp = false;
  redis.on("close", () => (isGivenUp = false));
  return {
    counter: (name) => {
      const alone = new RateLimiterMemory(counted);
      const shared = new RateLimiterRedis({
        ...counted,
        storeClient: redis,
        keyPrefix: `${config.redisPrefix}:${name}`,
        rejectIfRedisNotReady: true,
      });
      return {
        consume: (key, points) =>
          shared.consume(key, points).catch((error: unknown) => {
            // A connection that does not answer is given up, so that the next operation does not wait at all.
            if (redis.status === "ready" && !isGivenUp) {
              isGivenUp = true;
              onError(error);
              redis.disconnect(true);
            }
            return alone.consume(key, points);
          }),
      };
    },
    close: () => redis.disconnect(),
  };
}

/** What one key has asked for, and how much of it a minute allows. */
export interface Charge {
  readonly key: string;
  readonly points: number;
  readonly allowed: number;
}

/**
 * Holds keys to what they may have in a minute. A key beyond it costs nothing more until the minute has ended, or until it is allowed more.
 * @param reason says in a sentence what there was too much of
 * @returns counts, and throws RateLimited beyond what is allowed
 */
export function perMinute(counter: Counter, reason: (allowed: number) => string): (charge: Charge) => Promise<void> {
  const exceeded = new Map<string, { readonly allowed: number; readonly until: number }>();

  function refusal(key: string, allowed: number, until: number): RateLimited {
    const retryAfter = Math.max(1, Math.ceil((until - performance.now()) / 1_000));
    if (exceeded.size > 10_000) exceeded.clear();
    exceeded.set(key, { allowed, until });
    return new RateLimited({ retryAfter }, reason(allowed));
  }

  return async ({ key, points, allowed }) => {
    const known = exceeded.get(key);
    if (known && known.allowed >= allowed && known.until > performance.now()) throw refusal(key, allowed, known.until);
    exceeded.delete(key);
    const { consumedPoints, msBeforeNext } = await counter.consume(key, points);
    if (consumedPoints > allowed) throw refusal(key, allowed, performance.now() + msBeforeNext);
  };
}
