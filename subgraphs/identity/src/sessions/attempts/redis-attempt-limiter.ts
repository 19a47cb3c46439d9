import { createHash } from "node:crypto";
import { reconnectDelayMs } from "@weft/shared";
import { defaultAttemptLimits, inProcessAttemptLimiter } from "./attempt-limiter.js";
import type { Attempt, AttemptLimiter, AttemptLimits } from "./attempt-limiter.js";

/** Maximum time that a login waits for Redis. The connection is then closed, so the next login does not wait at all. */
const timeoutMs = 100;
/** How long an address is remembered after a successful login. */
const knownPlaceMs = 90 * 24 * 3600 * 1000;

// Keys: the counters of address and name, of address, and of name, and whether the address is known. Atomic; otherwise concurrent attempts in several
// processes would pass the check before the first one was counted.
const beginScript = `
local counted = redis.call('exists', KEYS[4]) == 1 and 2 or 3
local waitMs = 0
for i = 1, counted do
  if tonumber(redis.call('get', KEYS[i]) or '0') >= tonumber(ARGV[i]) then waitMs = math.max(waitMs, redis.call('pttl', KEYS[i])) end
end
if waitMs > 0 then return waitMs end
for i = 1, counted do
  if redis.call('incr', KEYS[i]) == 1 then redis.call('pexpire', KEYS[i], ARGV[4]) end
end
return 0`;
const giveBackScript = `
local counted = redis.call('exists', KEYS[4]) == 1 and 2 or 3
for i = 1, counted do
  if tonumber(redis.call('get', KEYS[i]) or '0') > 0 then redis.call('decr', KEYS[i]) end
end
if ARGV[1] == 'succeeded' then
  redis.call('del', KEYS[1])
  redis.call('set', KEYS[4], '1', 'px', ARGV[2])
end
return 0`;

/** A limiter with its own connection. */
export interface RedisAttemptLimiter extends AttemptLimiter {
  close(): void;
}

export interface RedisAttemptLimiterOptions {
  readonly url: string;
  /** Key prefix that separates installations sharing a server. Ends with a colon. */
  readonly prefix: string;
  readonly limits?: AttemptLimits;
  readonly onError?: (error: unknown) => void;
}

/**
 * Limiter whose counts are shared by all processes. Each process also counts by itself. If Redis is unavailable, these counts apply, so guessing is
 * always limited and logins still work.
 */
export async function redisAttemptLimiter({
  url,
  prefix,
  limits = defaultAttemptLimits,
  onError = () => undefined,
}: RedisAttemptLimiterOptions): Promise<RedisAttemptLimiter> {
  // Imported here, so that a start without Redis does not load the client.
  const { Redis } = await import("ioredis");
  const own = inProcessAttemptLimiter(limits);
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: reconnectDelayMs,
  });
  redis.on("error", onError);
  // A process can start while Redis is unavailable; the client keeps reconnecting.
  await redis.connect().catch(onError);

  const keysOf = ({ nameHash, address }: Attempt): string[] =>
    [`place ${nameHash} ${address}`, `address ${address}`, `name ${nameHash}`, `known ${nameHash} ${address}`].map(
      (text) => `${prefix}login:${createHash("sha256").update(text).digest("base64url")}`,
    );

  /** Returns the result of the script, or null if Redis is unavailable. */
  async function run(script: string, attempt: Attempt, values: (string | number)[]): Promise<number | null> {
    if (redis.status !== "ready") return null;
    try {
      const keys = keysOf(attempt);
      return Number(await redis.eval(script, keys.length, ...keys, ...values));
    } catch (error) {
      onError(error);
      if (redis.status === "ready") redis.disconnect(true);
      return null;
    }
  }

  return {
    begin: async (attempt) => {
      const byOwn = await own.begin(attempt);
      const waitMs = await run(beginScript, attempt, [limits.perNameAndAddress, limits.perAddress, limits.perName, limits.windowMs]);
      if (waitMs === null) return byOwn;
      if (waitMs === 0) return null;
      if (byOwn === null) await own.cancelled(attempt);
      return { retryAfter: Math.ceil(waitMs / 1000) };
    },
    // Not awaited: commands on one connection keep their order, and a login need not wait for its bookkeeping.
    succeeded: async (attempt) => {
      void run(giveBackScript, attempt, ["succeeded", knownPlaceMs]);
      await own.succeeded(attempt);
    },
    cancelled: async (attempt) => {
      void run(giveBackScript, attempt, ["cancelled", knownPlaceMs]);
      await own.cancelled(attempt);
    },
    close: () => redis.disconnect(),
  };
}
