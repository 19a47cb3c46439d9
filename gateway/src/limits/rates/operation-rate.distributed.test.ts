import { newId } from "@weft/shared/ids";
import { loadConfig } from "@weft/platform/config";
import { type Databases, openDatabases } from "@weft/platform/db";
import { createLogger } from "@weft/platform/logging";
import { inProcessPubSub } from "@weft/platform/pubsub";
import { type Counters, createCounters } from "@weft/api/limits";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { startRedisServer } from "@weft/testkit/processes/redis-server";
import type { RedisServer } from "@weft/testkit/processes/redis-server";
import { startTcpProxy } from "@weft/testkit/network/tcp-proxy";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOperationRate } from "./operation-rate.js";

let redis: RedisServer;
let database: Awaited<ReturnType<typeof cloneDatabase>>;
let databases: Databases;
const open: Counters[] = [];
const allowed = 10;

beforeAll(async () => {
  [redis, database] = await Promise.all([startRedisServer(), cloneDatabase()]);
  databases = await openDatabases(loadConfig({}, { DATABASE_URL: database.appUrl, DATABASE_AUTH_URL: database.authUrl }).database);
  const sql = postgres(database.ownerUrl, { max: 1 });
  await sql`insert into app.shared_configurations (level, key, version, document, message)
    values ('PLAN', 'FREE', 2, ${sql.json({ limits: { operationsPerMinute: allowed } })}, 'A test')`;
  await sql.end();
});
afterAll(async () => {
  for (const counters of open) counters.close();
  await databases.close();
  await database.drop();
  await redis.stop();
});

/** On a busy machine, Redis can need longer than operations wait for it, and a process would count for itself. */
const patience = 10_000;

/** The counters of several gateways of one installation, and a tenant with the plan FREE. */
async function gateways(
  count: number,
  { url = redis.url, settings = {}, isPatient = true }: { url?: string; settings?: Record<string, string>; isPatient?: boolean } = {},
) {
  const config = loadConfig({}, { ...settings, REDIS_URL: url, REDIS_PREFIX: `test-${newId().slice(-12)}`, LOG_LEVEL: "silent" });
  const services = { config, databases, pubsub: inProcessPubSub(), log: createLogger(config) };
  const counters = await Promise.all(Array.from({ length: count }, () => createCounters(services, isPatient ? patience : undefined)));
  open.push(...counters);
  const rates = counters.map((each) => createOperationRate({ counters: each, services, limits: config.limits }));
  const tenantId = newId();
  const sql = postgres(database.ownerUrl, { max: 1 });
  await sql`insert into identity.tenants (tenant_id, slug, name) values (${tenantId}, ${`t-${tenantId}`}, 'Test')`;
  await sql.end();
  const userId = newId();
  const caller = { viewer: { tenantId, userId, vendorId: null, apiKey: null }, address: "192.0.2.1" };
  const operation = { rootFields: new Map<string, number>(), cost: 1 };
  /** Sends operations through the gateways in turn, all at once. Returns how many were accepted. */
  const through = async (operations: number, only = rates): Promise<number> => {
    const answers = await Promise.allSettled(
      Array.from({ length: operations }, async (_, index) => only[index % only.length]?.count(caller, operation)),
    );
    for (const answer of answers) if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "RATE_LIMITED" });
    return answers.filter(({ status }) => status === "fulfilled").length;
  };
  return { rates, through, caller, operation };
}

test("gateways count a tenant's operations together and exactly, including concurrent ones", async () => {
  const { rates, through } = await gateways(3);
  expect(await through(40)).toBe(allowed);
  for (const rate of rates) expect(await through(1, [rate])).toBe(0);
});

test("ten gateways do not multiply the rate of a user, and each knows what remains", async () => {
  const { rates, through, caller, operation } = await gateways(10, { settings: { LIMIT_RATE_USER: "5/minute" } });
  for (const [index, rate] of rates.entries()) {
    const counted = rate.count(caller, operation);
    if (index >= 5) await expect(counted).rejects.toMatchObject({ extensions: { rateLimit: { policy: "user-minute", remaining: 0 } } });
    else {
      const [user, tenant] = await counted;
      expect(user).toMatchObject({ policy: { name: "user-minute", allowed: 5 }, used: index + 1 });
      expect(tenant).toMatchObject({ policy: { name: "tenant-minute", allowed }, used: index + 1 });
      expect(user?.endsInMs).toBeGreaterThan(50_000);
    }
  }
  expect(await through(50)).toBe(0);
  // What was refused for the user did not use up the limit of the organization.
  const other = { ...caller, viewer: { ...caller.viewer, userId: newId() } };
  for (const rate of rates.slice(0, 5)) await rate.count(other, operation);
  await expect(rates[9]?.count({ ...other, viewer: { ...other.viewer, userId: newId() } }, operation)).rejects.toMatchObject({
    extensions: { rateLimit: { policy: "tenant-minute" } },
  });
});

test("an operation that is refused without asking Redis is told what remains of all its rates", async () => {
  const { rates, caller, operation } = await gateways(1, { settings: { LIMIT_RATE_USER: "1/minute" } });
  const [rate] = rates;
  await rate?.count(caller, operation);
  for (let index = 0; index < 3; index++) {
    const told: unknown[] = [];
    const counted = rate?.count(caller, operation, (quotas) => void told.push(...quotas));
    await expect(counted).rejects.toMatchObject({ code: "RATE_LIMITED" });
    expect(told).toMatchObject([
      { policy: { name: "user-minute" }, used: 1 },
      { policy: { name: "tenant-minute" }, used: 1 },
    ]);
  }
});

test("without Redis each gateway counts separately, and operations do not wait for it", async () => {
  const lost = await startRedisServer();
  const { rates, through } = await gateways(2, { url: lost.url });
  expect(await through(2)).toBe(2);
  await lost.kill();
  for (const rate of rates) expect(await through(20, [rate])).toBe(allowed);
  await lost.start();
  await lost.stop();
});

test("a Redis that does not answer delays operations by at most a tenth of a second", async () => {
  const proxy = await startTcpProxy({ port: redis.port });
  const { through } = await gateways(1, { url: `redis://127.0.0.1:${proxy.port}`, isPatient: false });
  expect(await through(1)).toBe(1);
  proxy.blackHole();
  const started = performance.now();
  for (let index = 0; index < 5; index++) expect(await through(1)).toBe(1);
  // If each of them waited, it would take half a second.
  expect(performance.now() - started).toBeLessThan(400);
  await proxy.close();
});
