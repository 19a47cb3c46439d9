import { startRedisServer, type RedisServer } from "@weft/testkit/processes/redis-server";
import { startTcpProxy } from "@weft/testkit/network/tcp-proxy";
import { until } from "@weft/testkit/until";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { aLogin, describeAttemptLimiter, farAddress, testLimits } from "./attempt-limiter.fixture.js";
import { attemptLimiter, type AttemptLimiter } from "./attempt-limiter.js";
import { redisCounters, type RedisAttemptCounters } from "./redis-counters.js";

// The delay is long, so that a slow machine does not let a further guess through.
const limit = (free: number) => ({ free, windowMs: 60 * 60_000, delayMs: 60_000, maxDelayMs: 60_000 });
const limits = { ...testLimits, place: limit(3), address: limit(5), name: limit(6) };
const ada = aLogin();
let redis: RedisServer;
let made = 0;
const open: RedisAttemptCounters[] = [];

beforeAll(async () => {
  redis = await startRedisServer();
});
afterEach(() => {
  for (const counters of open.splice(0)) counters.close();
});
afterAll(() => redis.stop());

/** Creates the limiters of this many processes of one installation. */
function limiters(count: number, url = redis.url): Promise<AttemptLimiter[]> {
  const prefix = `test-${++made}:`;
  return Promise.all(
    Array.from({ length: count }, async () => {
      const counters = await redisCounters({ url, prefix });
      open.push(counters);
      return attemptLimiter(counters, limits);
    }),
  );
}

describeAttemptLimiter("in Redis", async (now) => {
  const counters = await redisCounters({ url: redis.url, prefix: `test-${++made}:`, now });
  open.push(counters);
  return attemptLimiter(counters, testLimits);
});

describe("the attempt limiter across processes", () => {
  it("counts failures in every process", async () => {
    const processes = await limiters(4);
    for (const process of processes.slice(0, 3)) expect(await process.begin(ada)).toBeNull();
    const refused = await processes[3]?.begin(ada);
    expect(refused?.retryAfter).toBeGreaterThan(50);
    expect(refused?.retryAfter).toBeLessThanOrEqual(60);
    expect(await processes[3]?.begin({ ...ada, address: "192.0.2.2" })).toBeNull();
  });

  it("allows a burst across all processes no more guesses than a queue in one", async () => {
    const processes = await limiters(3);
    const answers = await Promise.all(Array.from({ length: 60 }, async (_, index) => processes[index % 3]?.begin(ada)));
    expect(answers.filter((answer) => answer === null)).toHaveLength(3);
  });

  it("does not count successful logins, and resets the failures of an address after one", async () => {
    const [a, b] = await limiters(2);
    for (let round = 0; round < 10; round++) {
      expect(await a?.begin(ada)).toBeNull();
      await a?.succeeded(ada);
    }
    for (let round = 0; round < 2; round++) expect(await b?.begin(ada)).toBeNull();
    await b?.succeeded(ada);
    for (let round = 0; round < 3; round++) expect(await b?.begin(ada)).toBeNull();
    await b?.cancelled(ada);
    expect(await b?.begin(ada)).toBeNull();
    expect(await b?.begin(ada)).not.toBeNull();
  });

  it("knows the addresses of a user in all processes, so that the user is not locked out from elsewhere", async () => {
    const [a, b] = await limiters(2);
    await a?.begin(ada);
    await a?.succeeded(ada);
    for (let machine = 0; machine < 10; machine++) await a?.begin(aLogin({ address: farAddress(machine) }));
    expect(await b?.begin(aLogin({ address: "203.0.113.9" }))).not.toBeNull();
    expect(await b?.begin(ada)).toBeNull();
  });

  it("F10: falls back to each process's own counts while Redis is unavailable, and shares them again when it is back", async () => {
    const [a, b] = await limiters(2);
    for (let round = 0; round < 2; round++) expect(await a?.begin(ada)).toBeNull();
    await redis.kill();
    expect(await a?.begin(ada)).toBeNull();
    expect(await a?.begin(ada)).not.toBeNull();
    expect(await b?.begin(ada)).toBeNull();
    const [started] = await limiters(1);
    expect(await started?.begin(ada)).toBeNull();
    await redis.start();
    const other = aLogin({ nameHash: "bob", address: "192.0.2.9" });
    await until(async () => (await a?.begin(other)) !== null && (await b?.begin(other)) !== null, {
      what: "both count in one place again",
    });
    await until(async () => (await b?.begin({ ...other, address: "192.0.2.10" })) === null, {
      what: "the other process decides by the same counts",
    });
  });

  it("F10: no caller waits long for an unresponsive Redis, and only one waits at all", async () => {
    const proxy = await startTcpProxy({ port: redis.port });
    const [limiter] = await limiters(1, `redis://127.0.0.1:${proxy.port}`);
    expect(await limiter?.begin(ada)).toBeNull();
    proxy.blackHole();
    const waited: number[] = [];
    for (let round = 0; round < 3; round++) {
      const began = performance.now();
      await limiter?.begin(ada);
      waited.push(performance.now() - began);
    }
    expect(waited[0]).toBeLessThan(250);
    expect(Math.max(...waited.slice(1))).toBeLessThan(50);
    await proxy.close();
  });
});
