import { createHash } from "node:crypto";
import type { SecretChanges } from "@weft/platform/config";
import { reconnectDelayMs, useRedisUrl } from "@weft/platform/pubsub";
import type { AttemptCounters, Counted } from "./attempt-limits.js";
import { memoryCounters } from "./memory-counters.js";

/** Maximum time that a login waits for Redis. The connection is then closed, so the next login does not wait at all. */
const timeoutMs = 100;
/** How long an address is remembered after a successful login. */
const knownMs = 90 * 24 * 3600 * 1000;

// The same as memory-counters.ts. Atomic; otherwise concurrent attempts in several processes would pass the check before the first one was counted.
// KEYS: whether the address is known, the own counter, and the counters. ARGV: the time of a test, the position of the counter that raises the alarm
// (0: none), from where on, and the divisor; then five values per counter: free, window, delay, maximum delay, and 1 for one of strangers plus 2 for one that the alarm tightens.
// A counter is a hash: f (failures), a (at), l (last attempt).
const prelude = `
local clock = redis.call('time')
local now = ARGV[1] ~= '' and tonumber(ARGV[1]) or (tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000))
local known = redis.call('exists', KEYS[1]) == 1
local function limit(i, what) return tonumber(ARGV[5 + (i - 1) * 5 + what]) end
local function isCounted(i) return not (known and limit(i, 4) % 2 == 1) end
local function level(i)
  local found = redis.call('hmget', KEYS[i + 2], 'f', 'a', 'l')
  if not found[1] then return 0, 0 end
  local forgotten = (now - tonumber(found[2])) * limit(i, 0) / limit(i, 1)
  return math.max(0, tonumber(found[1]) - forgotten), tonumber(found[3])
end
local function write(i, failures, last)
  redis.call('hset', KEYS[i + 2], 'f', string.format('%.9f', failures), 'a', string.format('%.0f', now), 'l', string.format('%.0f', last))
  redis.call('pexpire', KEYS[i + 2], math.ceil(failures * limit(i, 1) / limit(i, 0)) + limit(i, 3))
end
local count = #KEYS - 2
`;
const spendScript = `${prelude}
local alarm = tonumber(ARGV[2])
local divisor = 1
if alarm > 0 and not known and level(alarm) >= tonumber(ARGV[3]) then divisor = tonumber(ARGV[4]) end
local wait = 0
for i = 1, count do
  if isCounted(i) then
    local failures, last = level(i)
    local free = limit(i, 0)
    if limit(i, 4) >= 2 then free = math.max(1, math.floor(free / divisor)) end
    local over = failures + 1 - free
    if over > 0 then
      local delay = math.min(limit(i, 3), limit(i, 2) * 2 ^ math.min(40, math.ceil(over) - 1))
      wait = math.max(wait, math.min(last + delay - now, over * limit(i, 1) / limit(i, 0)))
    end
  end
end
if wait > 0 then return math.ceil(wait) end
for i = 1, count do
  if isCounted(i) then write(i, level(i) + 1, now) end
end
return 0`;
const giveBackScript = `${prelude}
for i = 1, count do
  if isCounted(i) and redis.call('exists', KEYS[i + 2]) == 1 then write(i, math.max(0, level(i) - 1), 0) end
end
if ARGV[#ARGV] == 'succeeded' then
  redis.call('del', KEYS[2])
  redis.call('set', KEYS[1], '1', 'px', ${knownMs})
end
return 0`;

/** Counters with their own connection. */
export interface RedisAttemptCounters extends AttemptCounters {
  close(): void;
}

export interface RedisAttemptCountersOptions {
  readonly url: string;
  /** Key prefix that separates installations sharing a server. Ends with a colon. */
  readonly prefix: string;
  readonly onError?: (error: unknown) => void;
  /** Tells if REDIS_URL is replaced. */
  readonly changes?: SecretChanges | undefined;
  /** Clock of a test, instead of the one of Redis. */
  readonly now?: () => number;
}

/**
 * Counters that are shared by all processes. Each process also counts by itself. If Redis is unavailable, these counts apply, so guessing is always
 * limited and logins still work.
 */
export async function redisCounters({
  url,
  prefix,
  onError = () => undefined,
  changes,
  now,
}: RedisAttemptCountersOptions): Promise<RedisAttemptCounters> {
  // Imported here, so that a start without Redis does not load the client.
  const { Redis } = await import("ioredis");
  const own = memoryCounters(now);
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: reconnectDelayMs,
  });
  redis.on("error", onError);
  const endChanges = changes?.onReplaced(["REDIS_URL"], async ({ REDIS_URL: next }) => {
    if (next !== undefined) await useRedisUrl(redis, next);
  });
  // A process can start while Redis is unavailable; the client keeps reconnecting.
  await redis.connect().catch(onError);

  const keyOf = (text: string): string => `${prefix}login:${createHash("sha256").update(text).digest("base64url")}`;

  /** Returns the result of the script, or null if Redis is unavailable. */
  async function run(script: string, { counters, knownKey, ownKey, alarm }: Counted, ...more: string[]): Promise<number | null> {
    if (redis.status !== "ready") return null;
    try {
      const keys = [knownKey, ownKey, ...counters.map(({ key }) => key)].map(keyOf);
      const values = counters.flatMap(({ limit: { free, windowMs, delayMs, maxDelayMs }, isOfStrangers, isTightened }) => [
        free,
        windowMs,
        delayMs,
        maxDelayMs,
        (isOfStrangers ? 1 : 0) + (isTightened ? 2 : 0),
      ]);
      const position = counters.findIndex(({ key }) => key === alarm?.counter.key) + 1;
      const arguments_ = [now ? now() : "", position, alarm?.from ?? 0, alarm?.divisor ?? 1, ...values, ...more];
      return Number(await redis.eval(script, keys.length, ...keys, ...arguments_));
    } catch (error) {
      onError(error);
      if (redis.status === "ready") redis.disconnect(true);
      return null;
    }
  }

  return {
    spend: async (counted) => {
      const byOwn = await own.spend(counted);
      const byAll = await run(spendScript, counted);
      if (byAll === null) return byOwn;
      if (byAll > 0 && byOwn === 0) await own.giveBack(counted, "cancelled");
      return byAll;
    },
    giveBack: async (counted, result) => {
      // Not awaited: commands on one connection keep their order, and a login need not wait for its bookkeeping.
      void run(giveBackScript, counted, result);
      await own.giveBack(counted, result);
    },
    close: () => {
      endChanges?.();
      redis.disconnect();
    },
  };
}
