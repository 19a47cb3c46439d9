import { setTimeout as delay } from "node:timers/promises";
import { newId } from "@weft/shared/ids";
import { loadConfig } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { startRedisServer } from "@weft/testkit/processes/redis-server";
import type { RedisServer } from "@weft/testkit/processes/redis-server";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Counters, createCounters } from "./counters.js";

let redis: RedisServer;
const open: Counters[] = [];
beforeAll(async () => void (redis = await startRedisServer()));
afterAll(async () => {
  for (const counters of open) counters.close();
  await redis.stop();
});

/** On a busy machine, Redis can need longer than operations wait for it, and a process would count for itself. */
const patience = 10_000;

/** The windows of two processes. */
async function processes(): Promise<[Counters["windows"], Counters["windows"]]> {
  const config = loadConfig({}, { REDIS_URL: redis.url, LOG_LEVEL: "silent" });
  const services = { config, log: createLogger(config) };
  const [one, other] = await Promise.all([createCounters(services, patience), createCounters(services, patience)]);
  open.push(one, other);
  return [one.windows, other.windows];
}

const used = async (windows: Counters["windows"], key: string): Promise<number | undefined> =>
  (await windows.take([{ scope: "test", key, points: 0, allowed: 0, windowMs: 300 }])).uses[0]?.used;

test("an operation takes from all of its limits or from none", async () => {
  const [one, other] = await processes();
  const [wide, narrow] = [newId(), newId()];
  const charges = [
    { scope: "test", key: wide, points: 1, allowed: 10, windowMs: 60_000 },
    { scope: "test", key: narrow, points: 1, allowed: 2, windowMs: 60_000 },
  ];
  const takings = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).take(charges)));
  expect(takings.filter(({ isTaken }) => isTaken)).toHaveLength(2);
  expect([await used(one, wide), await used(other, narrow)]).toEqual([2, 2]);
});

test("points that are given back can be used again, in the same window only", async () => {
  const [one, other] = await processes();
  const charge = { scope: "test", key: newId(), points: 2, allowed: 2, windowMs: 300 };
  const { isTaken, taken } = await one.take([charge]);
  expect(isTaken).toBe(true);
  await other.giveBack(taken.map((each) => ({ ...each, points: 1 })));
  expect(await one.take([{ ...charge, points: 1 }])).toMatchObject({ isTaken: true, uses: [{ used: 2 }] });
  await expect.poll(() => used(other, charge.key), { interval: 20 }).toBe(0);
  await other.giveBack(taken);
  expect((await one.take([{ ...charge, points: 0 }])).uses).toEqual([{ used: 0, endsInMs: 300 }]);
  expect((await one.take([{ ...charge, windowMs: 60_000 }])).isTaken).toBe(true);
  await other.giveBack(taken);
  expect(await used(one, charge.key)).toBe(2);
});

test("what is refused because a limit is known to be exceeded also learns what is used of the others", async () => {
  const [windows] = await processes();
  const charges = [
    { scope: "test", key: newId(), points: 1, allowed: 10, windowMs: 60_000 },
    { scope: "test", key: newId(), points: 1, allowed: 2, windowMs: 60_000 },
  ];
  for (let index = 0; index < 2; index++) await windows.take(charges);
  for (let index = 0; index < 3; index++)
    expect(await windows.take(charges)).toMatchObject({ isTaken: false, uses: [{ used: 2 }, { used: 2 }] });
  // Nobody has asked for these together.
  const other = { scope: "test", key: newId(), points: 1, allowed: 10, windowMs: 60_000 };
  expect((await windows.take([other, ...charges.slice(1)])).uses).toMatchObject([undefined, { used: 2 }]);
});

test("a flood beyond a limit costs Redis one command a second", async () => {
  const [windows] = await processes();
  const client = new Redis(redis.url);
  const commands = async (): Promise<number> => Number(/total_commands_processed:(\d+)/.exec(await client.info("stats"))?.[1]);
  const charge = { scope: "test", key: newId(), points: 1, allowed: 1, windowMs: 3_600_000 };
  await windows.take([charge]);
  await windows.take([charge]);
  const [before, started] = [await commands(), performance.now()];
  for (let index = 0; index < 1_000; index++) {
    const { isTaken, uses } = await windows.take([charge]);
    expect(isTaken).toBe(false);
    expect(uses[0]?.used).toBe(1);
  }
  // A command runs others in its script, and reading the number is one, too.
  expect((await commands()) - before).toBeLessThan(1 + 4 * (2 + (performance.now() - started) / 1_000));
  client.disconnect();
});

test("a window that shares the one of another charge begins and ends with it at every process", async () => {
  const [one, other] = await processes();
  const all = { scope: "test", key: newId(), points: 1, allowed: 10, windowMs: 400 };
  const part = { ...all, key: newId(), sharesWindowOf: 0 };
  await one.take([all, { ...part, points: 0 }]);
  await delay(200);
  const late = await other.take([all, part]);
  expect(late.uses).toMatchObject([{ used: 2 }, { used: 1 }]);
  expect(late.uses[1]?.endsInMs).toBe(late.uses[0]?.endsInMs);
  await expect.poll(() => used(one, all.key), { interval: 20 }).toBe(0);
  expect((await one.take([all, { ...part, points: 0 }])).uses).toMatchObject([{ used: 1 }, { used: 0 }]);
  await one.giveBack(late.taken);
  expect((await other.take([all, part])).uses).toMatchObject([{ used: 2 }, { used: 1 }]);
});

test("a window that shares another one starts over with it, if Redis has evicted that one", async () => {
  const [windows] = await processes();
  const all = { scope: "test", key: newId(), points: 1, allowed: 10, windowMs: 60_000 };
  const both = [all, { ...all, key: newId(), sharesWindowOf: 0 }];
  for (let time = 0; time < 3; time++) await windows.take(both);
  const client = new Redis(redis.url);
  await client.del(await client.keys(`*:${all.key}`));
  client.disconnect();
  expect((await windows.take(both)).uses).toMatchObject([{ used: 1 }, { used: 1 }]);
});
