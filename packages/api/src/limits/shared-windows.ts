import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import type { OptionalRedis } from "./optional-redis.js";
import { type Charge, OwnWindows, type Taken, type Taking, type Windows, type WindowUse } from "./windows.js";

/**
 * Takes all points or none, in one round trip. Time stands still in a script, so windows that share their end expire together. Should Redis have evicted one of
 * them before, the other one starts over.
 */
const take = `
local uses, refused = {}, 0
for i, key in ipairs(KEYS) do
  local points, allowed, shared = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i])
  if shared > 0 and uses[2 * shared] < 0 then redis.call('del', key) end
  local used = tonumber(redis.call('get', key) or '0')
  if points > 0 and used + points > allowed then refused = 1 end
  uses[2 * i - 1], uses[2 * i] = used, redis.call('pttl', key)
end
if refused == 0 then
  for i, key in ipairs(KEYS) do
    local points, shared = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i])
    if points > 0 then
      uses[2 * i - 1] = redis.call('incrby', key, points)
      if uses[2 * i] < 0 then
        uses[2 * i] = shared > 0 and uses[2 * shared] >= 0 and uses[2 * shared] or tonumber(ARGV[4 * i - 1])
        redis.call('pexpire', key, uses[2 * i])
      end
    end
  end
end
uses[#uses + 1] = refused
return uses`;

/** An ended window gets nothing back: the next one would begin below zero, and without an end. */
const giveBack = `
for i, key in ipairs(KEYS) do
  local used = tonumber(redis.call('get', key) or '0')
  if used > 0 then redis.call('decrby', key, math.min(used, tonumber(ARGV[i]))) end
end`;

type Scripts = Redis & {
  weftTake(count: number, ...keysAndArguments: (string | number)[]): Promise<number[]>;
  weftGiveBack(count: number, ...keysAndArguments: (string | number)[]): Promise<null>;
};

/** How long a process refuses without asking Redis again. Others can have given points back. */
const knownForMs = 1_000;

interface Remembered {
  readonly used: number;
  readonly endsAt: number;
  readonly knownUntil: number;
}

/**
 * Windows that all processes share. A flood beyond a limit costs Redis one command a second. While Redis is unavailable, each process counts for itself.
 */
export function sharedWindows(redis: OptionalRedis, prefix: string): Windows {
  const { client } = redis;
  client.defineCommand("weftTake", { lua: take });
  client.defineCommand("weftGiveBack", { lua: giveBack });
  const scripts = client as Scripts;
  const own = new OwnWindows();
  /** The windows of what was refused, also those that were not exceeded: the next refusal tells what is left of them. */
  const remembered = new LRUCache<string, Remembered>({ max: 10_000 });

  const knownUse = ({ key }: Charge, now: number): WindowUse | undefined => {
    const known = remembered.get(key);
    return known && known.knownUntil > now ? { used: known.used, endsInMs: known.endsAt - now } : undefined;
  };

  const remember = (charges: readonly Charge[], uses: readonly WindowUse[]): void => {
    const now = performance.now();
    for (const [place, { key }] of charges.entries()) {
      const { used, endsInMs } = uses[place] ?? { used: 0, endsInMs: 0 };
      remembered.set(key, { used, endsAt: now + endsInMs, knownUntil: now + Math.min(knownForMs, endsInMs) });
    }
  };

  return {
    take: async (charges): Promise<Taking> => {
      const now = performance.now();
      const known = remembered.size === 0 ? [] : charges.map((charge) => knownUse(charge, now));
      if (known.some((use, place) => use && exceeds(charges[place], use))) return { isTaken: false, uses: known, taken: [] };
      try {
        const answer = await scripts.weftTake(
          charges.length,
          ...charges.map(({ key }) => `${prefix}:${key}`),
          ...charges.flatMap(({ points, allowed, windowMs, sharesWindowOf = -1 }) => [points, allowed, windowMs, sharesWindowOf + 1]),
        );
        const uses = charges.map(({ windowMs }, place) => {
          const endsInMs = answer[2 * place + 1] ?? -1;
          return { used: answer[2 * place] ?? 0, endsInMs: endsInMs < 0 ? windowMs : endsInMs };
        });
        if (answer.at(-1) === 0) return { isTaken: true, uses, taken: takenOf(charges, uses, now) };
        remember(charges, uses);
        return { isTaken: false, uses, taken: [] };
      } catch (error) {
        redis.failed(error);
        return own.take(charges);
      }
    },
    giveBack: async (taken) => {
      const now = performance.now();
      const alone = taken.filter(({ isOwn }) => isOwn);
      if (alone.length > 0) await own.giveBack(alone);
      const shared = taken.filter(({ isOwn, endsAt, points }) => !isOwn && endsAt > now && points > 0);
      if (shared.length === 0) return;
      for (const { key } of shared) remembered.delete(key);
      try {
        await scripts.weftGiveBack(shared.length, ...shared.map(({ key }) => `${prefix}:${key}`), ...shared.map(({ points }) => points));
      } catch (error) {
        redis.failed(error);
      }
    },
  };
}

const exceeds = (charge: Charge | undefined, { used }: WindowUse): boolean =>
  charge !== undefined && charge.points > 0 && used + charge.points > charge.allowed;

/** Measured from before the command, so that a window is never believed to end later than it does. */
const takenOf = (charges: readonly Charge[], uses: readonly WindowUse[], now: number): Taken[] =>
  charges.map(({ scope, key, points }, place) => ({ scope, key, points, endsAt: now + (uses[place]?.endsInMs ?? 0), isOwn: false }));
