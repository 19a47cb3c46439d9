import { effectiveConfigOf, RateLimited, reconnectDelayMs } from "@weft/shared";
import type { Services } from "@weft/shared";
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";

/** Counts the operations of tenants by the minute. */
export interface OperationRate {
  /** Counts one. @throws RateLimited when the tenant's plan allows no more in this minute */
  count(tenantId: string): Promise<void>;
  close(): void;
}

/** No operation waits longer for Redis; then this process counts for itself. */
const redisTimeoutMs = 100;

/** The limits are the tenants' own, and may change at any moment, so the counter has none. */
const counted = { points: Number.MAX_SAFE_INTEGER, duration: 60 } as const;

/**
 * Holds tenants to `limits.operationsPerMinute` of their configuration; a minute begins with its first operation. With Redis the processes count
 * together; while it is away each counts alone.
 */
export async function createOperationRate(
  services: Pick<Services, "config" | "pubsub" | "log"> & { readonly databases: Pick<Services["databases"], "auth"> },
): Promise<OperationRate> {
  const { counter, close } = await createCounter(services);
  // Who is over the limit costs nothing more until the minute has ended, or the limit was raised.
  const exceeded = new Map<string, { readonly allowed: number; readonly until: number }>();

  function refusal(tenantId: string, allowed: number, until: number): RateLimited {
    const retryAfter = Math.max(1, Math.ceil((until - performance.now()) / 1_000));
    if (exceeded.size > 10_000) exceeded.clear();
    exceeded.set(tenantId, { allowed, until });
    return new RateLimited({ retryAfter }, `This organisation has used the ${allowed} operations that its plan allows in a minute.`);
  }

  return {
    count: async (tenantId) => {
      const { operationsPerMinute: allowed } = (await effectiveConfigOf(services, tenantId)).limits;
      if (allowed === null) return;
      const known = exceeded.get(tenantId);
      if (known && known.allowed >= allowed && known.until > performance.now()) throw refusal(tenantId, allowed, known.until);
      exceeded.delete(tenantId);
      const { consumedPoints, msBeforeNext } = await counter.consume(tenantId);
      if (consumedPoints > allowed) throw refusal(tenantId, allowed, performance.now() + msBeforeNext);
    },
    close,
  };
}

type Counter = Pick<RateLimiterMemory, "consume">;

async function createCounter({ config, log }: Pick<Services, "config" | "log">): Promise<{ counter: Counter; close: () => void }> {
  const alone = new RateLimiterMemory(counted);
  if (config.redisUrl === undefined) return { counter: alone, close: () => undefined };
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
  const shared = new RateLimiterRedis({
    ...counted,
    storeClient: redis,
    keyPrefix: `${config.redisPrefix}:operations`,
    rejectIfRedisNotReady: true,
  });
  let isGivenUp = false;
  redis.on("close", () => (isGivenUp = false));
  const consume: Counter["consume"] = (tenantId) =>
    shared.consume(tenantId).catch((error: unknown) => {
      // A connection that does not answer is given up, so that the next operation does not wait at all.
      if (redis.status === "ready" && !isGivenUp) {
        isGivenUp = true;
        onError(error);
        redis.disconnect(true);
      }
      return alone.consume(tenantId);
    });
  return { counter: { consume }, close: () => redis.disconnect() };
}
