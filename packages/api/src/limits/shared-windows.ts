import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import type { OptionalRedis } from "./optional-redis.js";
import { type Charge, OwnWindows, type Taking, type Windows, type WindowUse } from "./windows.js";

/**
 * Takes all points or none, in one round trip. The limiters of rate-limiter-flexible take from each limit on its own: an operation that one of them refuses
 * would use up the others, and a user who is beyond a limit also that of the organization.
 */
const take = `
local uses, refused = {}, 0
for i, key in ipairs(KEYS) do
  local used = tonumber(redis.call('get', key) or '0')
  local points = tonumber(ARGV[3 * i - 2])
  if points > 0 and used + points > tonumber(ARGV[3 * i - 1]) then refused = 1 end
  uses[2 * i - 1], uses[2 * i] = used, redis.call('pttl', key)
end
if refused == 0 then
  for i, key in ipairs(KEYS) do
    local points = tonumber(ARGV[3 * i - 2])
    if points > 0 then
      uses[2 * i - 1] = redis.call('incrby', key, points)
      if uses[2 * i] < 0 then
        uses[2 * i] = tonumber(ARGV[3 * i])
        redis.call('pexpire', key, uses[2 * i])
      end
    end
  end
end
uses[#uses + 1] = refused
return uses`;

/** An ended window gets nothing back: the next one would begin below zero, and without an end. */
const giveBack = `
local used = tonumber(redis.call('get', KEYS[1]) or '0')
if used > 0 then redis.call('decrby', KEYS[1], math.min(used, tonumber(ARGV[1]))) end`;

type Scripts = Redis & {
  weftTake(count: number, ...keysAndArguments: (string | number)[]): Promise<number[]>;
  weftGiveBack(key: string, points: number): Promise<null>;
};

/** How long a process refuses without asking Redis again. Others can have given points back. */
const knownForMs = 1_000;

interface Exceeded {
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
  client.defineCommand("weftGiveBack", { lua: giveBack, numberOfKeys: 1 });
  const scripts = client as Scripts;
  const own = new OwnWindows();
  const exceeded = new LRUCache<string, Exceeded>({ max: 10_000 });

  const knownToExceed = ({ key, points, allowed }: Charge, now: number): WindowUse | undefined => {
    const known = exceeded.get(key);
    if (!known || known.knownUntil <= now || points === 0 || known.used + points <= allowed) return undefined;
    return { used: known.used, endsInMs: known.endsAt - now };
  };

  const remember = (charges: readonly Charge[], uses: readonly WindowUse[]): void => {
    const now = performance.now();
    for (const [place, { key, points, allowed }] of charges.entries()) {
      const { used, endsInMs } = uses[place] ?? { used: 0, endsInMs: 0 };
      if (points > 0 && used + points > allowed)
        exceeded.set(key, { used, endsAt: now + endsInMs, knownUntil: now + Math.min(knownForMs, endsInMs) });
    }
  };

  return {
    take: async (charges): Promise<Taking> => {
      const now = performance.now();
      const known = charges.map((charge) => knownToExceed(charge, now));
      if (known.some((use) => use !== undefined)) return { isTaken: false, uses: known };
      try {
        const answer = await scripts.weftTake(
          charges.length,
          ...charges.map(({ key }) => `${prefix}:${key}`),
          ...charges.flatMap(({ points, allowed, windowMs }) => [points, allowed, windowMs]),
        );
        const uses = charges.map(({ windowMs }, place) => {
          const endsInMs = answer[2 * place + 1] ?? -1;
          return { used: answer[2 * place] ?? 0, endsInMs: endsInMs < 0 ? windowMs : endsInMs };
        });
        const isTaken = answer.at(-1) === 0;
        if (!isTaken) remember(charges, uses);
        return { isTaken, uses };
      } catch (error) {
        redis.failed(error);
        return own.take(charges);
      }
    },
    giveBack: async ({ key, points }) => {
      exceeded.delete(key);
      try {
        await scripts.weftGiveBack(`${prefix}:${key}`, points);
      } catch (error) {
        redis.failed(error);
        await own.giveBack({ key, points });
      }
    },
  };
}
