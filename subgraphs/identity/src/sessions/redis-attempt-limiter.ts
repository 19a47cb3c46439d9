import { createHash } from "node:crypto";
import { reconnectDelayMs } from "@weft/shared";
import { defaultAttemptLimits, inProcessAttemptLimiter } from "./attempt-limiter.js";
import type { Attempt, AttemptLimiter, AttemptLimits } from "./attempt-limiter.js";

/** A login does not wait longer for Redis; the connection is then given up, so that the next one does not wait at all. */
const timeoutMs = 100;
/** For so long a place from which somebody has logged in is known as theirs. */
const knownPlaceMs = 90 * 24 * 3600 * 1000;

// Keys: the counters of place, address and name, and whether the place is known. Atomic, or a burst over many processes would pass the check
// before the first of them had counted.
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

/** A limiter with a connection of its own. */
export interface RedisAttemptLimiter extends AttemptLimiter {
  close(): void;
}

export interface RedisAttemptLimiterOptions {
  readonly url: string;
  /** Separates installations that share a server; ends with a colon. */
  readonly prefix: string;
  readonly limits?: AttemptLimits;
  readonly onError?: (error: unknown) => void;
}

/**
 * The limiter whose counts all processes share. Each process counts for itself, too: while Redis is away its own counts decide, so that
 * guessing is never free, and nobody is kept from logging in by it.
 */
export async function redisAttemptLimiter({
  url,
  prefix,
  limits = defaultAttemptLimits,
  onError = () => undefined,
}: RedisAttemptLimiterOptions): Promise<RedisAttemptLimiter> {
  // Loaded here: a start without Redis does without its client.
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
  // A process may start while Redis is away: the client goes on trying.
  await redis.connect().catch(onError);

  const keysOf = ({ nameHash, address }: Attempt): string[] =>
    [`place ${nameHash} ${address}`, `address ${address}`, `name ${nameHash}`, `known ${nameHash} ${address}`].map(
      (text) => `${prefix}login:${createHash("sha256").update(text).digest("base64url")}`,
    );

  /** What the script answers; null while Redis is away. */
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
    // Not awaited: commands of one connection keep their order, and the answer of a login need not wait for its bookkeeping.
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
