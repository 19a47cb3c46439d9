import { newId } from "@weft/shared/ids";
import { loadConfig } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { type Counters, createCounters } from "@weft/api/limits";
import { startRedisServer } from "@weft/testkit/processes/redis-server";
import type { RedisServer } from "@weft/testkit/processes/redis-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countedRequests, type CountedRequests } from "./counted-requests.js";

const address = "192.0.2.1";
/** On a busy machine, Redis can need longer than operations wait for it, and a gateway would count for itself. */
const patience = 10_000;
let redis: RedisServer;
const open: Counters[] = [];
beforeAll(async () => void (redis = await startRedisServer()));
afterAll(async () => {
  for (const counters of open) counters.close();
  await redis.stop();
});

/** The requests of an address at two gateways, with five requests a minute for both together. */
async function gateways(): Promise<[CountedRequests, CountedRequests]> {
  const config = loadConfig({}, { REDIS_URL: redis.url, REDIS_PREFIX: `test-${newId().slice(-12)}`, LOG_LEVEL: "silent" });
  const services = { config, log: createLogger(config) };
  const limits = { anonymousOperationsPerMinute: 5, anonymousBytesPerMinute: 1_000 };
  const [one, other] = await Promise.all([createCounters(services, patience), createCounters(services, patience)]);
  open.push(one, other);
  return [countedRequests({ windows: one.windows, limits }), countedRequests({ windows: other.windows, limits })];
}

test("a gateway knows what is under way at others: the address is told to come back soon, and at the end of the minute once that has failed", async () => {
  const [one, other] = await gateways();
  const logins = await Promise.all(Array.from({ length: 5 }, () => one.begin(address, 10)));
  for (let index = 0; index < 3; index++) await expect(other.begin(address, 10)).rejects.toMatchObject({ retryAfter: 1 });
  for (const login of logins) await one.ended(login);
  await expect
    .poll(() => other.begin(address, 10).catch(({ retryAfter }: { retryAfter: number }) => retryAfter), { interval: 100, timeout: 5_000 })
    .toBeGreaterThan(30);
});

test("a login that succeeds at one gateway makes room at the others", async () => {
  const [one, other] = await gateways();
  const logins = await Promise.all(Array.from({ length: 5 }, () => one.begin(address, 10)));
  for (const login of logins.slice(0, 1)) {
    await one.giveBack(login, 1);
    await one.ended(login);
  }
  await other.begin(address, 10);
  await expect(one.begin(address, 10)).rejects.toMatchObject({ retryAfter: 1 });
});
