import { createHash } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { loadConfig } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { startRedisServer } from "@weft/testkit/processes/redis-server";
import type { RedisServer } from "@weft/testkit/processes/redis-server";
import { startTcpProxy } from "@weft/testkit/network/tcp-proxy";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSharedTexts, type SharedTexts } from "./shared-texts.js";

let redis: RedisServer;
let client: Redis;
const open: SharedTexts[] = [];
beforeAll(async () => {
  redis = await startRedisServer();
  client = new Redis(redis.url);
});
afterAll(async () => {
  for (const texts of open) texts.close();
  client.disconnect();
  await redis.stop();
});

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const text = "query Mine { me { name } }";

/** The texts as two processes of one installation have them, and the prefix of their keys. */
async function processes(url = redis.url): Promise<{ one: SharedTexts; other: SharedTexts; prefix: string }> {
  const prefix = `test-${newId().slice(-12)}`;
  const config = loadConfig({}, { REDIS_URL: url, REDIS_PREFIX: prefix, LOG_LEVEL: "silent" });
  const texts = async (): Promise<SharedTexts> => {
    const opened = await openSharedTexts({ config, log: createLogger(config) }, { name: "texts", placesOf: () => 100 });
    if (!opened) throw new Error("There is a Redis.");
    open.push(opened);
    return opened;
  };
  return { one: await texts(), other: await texts(), prefix };
}

test("a text that one process keeps is found by the others, for the same account only", async () => {
  const { one, other } = await processes();
  await one.keep("acme", hashOf(text), text);
  expect(await other.find("acme", hashOf(text))).toBe(text);
  expect(await other.find("globex", hashOf(text))).toBeUndefined();
});

test("an account has a bounded number of texts, however many it keeps, and others keep theirs", async () => {
  const { one, other, prefix } = await processes();
  await one.keep("acme", hashOf(text), text);
  for (let n = 0; n < 2_000; n++) await one.keep("flood", hashOf(String(n)), String(n));
  expect(await client.keys(`${prefix}:texts:flood:*`)).toHaveLength(100);
  expect(await other.find("flood", hashOf("1999"))).toBe("1999");
  expect(await other.find("acme", hashOf(text))).toBe(text);
});

test("a text that is not that of its hash is not found", async () => {
  const { one, prefix } = await processes();
  await one.keep("acme", hashOf(text), text);
  const [key = ""] = await client.keys(`${prefix}:*`);
  await client.set(key, `${hashOf(text)}mutation { deleteEverything }`);
  expect(await one.find("acme", hashOf(text))).toBeUndefined();
});

test("texts are kept for a day", async () => {
  const { one, prefix } = await processes();
  await one.keep("acme", hashOf(text), text);
  const [key = ""] = await client.keys(`${prefix}:*`);
  expect(await client.ttl(key)).toBeGreaterThan(86_000);
});

test("a Redis that does not answer delays a process by a tenth of a second once, and finds nothing", async () => {
  const proxy = await startTcpProxy({ port: redis.port });
  const { one } = await processes(`redis://127.0.0.1:${proxy.port}`);
  await one.keep("acme", hashOf(text), text);
  proxy.blackHole();
  const started = performance.now();
  for (let n = 0; n < 5; n++) expect(await one.find("acme", hashOf(text))).toBeUndefined();
  // If each of them waited, it would take half a second.
  expect(performance.now() - started).toBeLessThan(400);
  await proxy.close();
});
