import { createHash } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { loadConfig } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { openSharedTexts, type SharedTexts } from "@weft/api/limits";
import { startRedisServer } from "@weft/testkit/processes/redis-server";
import type { RedisServer } from "@weft/testkit/processes/redis-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPersistedQueries, type PersistedQueries, sharedPlacesOf } from "./persisted-queries.js";

let redis: RedisServer;
const open: SharedTexts[] = [];
beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(async () => {
  for (const texts of open) texts.close();
  await redis.stop();
});

test("a text that was sent to one gateway is known to the others, for the same tenant only", async () => {
  const config = loadConfig({}, { REDIS_URL: redis.url, REDIS_PREFIX: `test-${newId().slice(-12)}`, LOG_LEVEL: "silent" });
  const gateway = async (): Promise<PersistedQueries> => {
    const texts = await openSharedTexts({ config, log: createLogger(config) }, { name: "persisted-queries", placesOf: sharedPlacesOf });
    if (texts) open.push(texts);
    return createPersistedQueries(texts);
  };
  const [one, other] = [await gateway(), await gateway()];
  const text = "query Mine { me { name } }";
  const hash = createHash("sha256").update(text).digest("hex");
  const [acme, globex] = [newId(), newId()].map((tenantId) => ({ viewer: { tenantId }, address: null }));
  if (!acme || !globex) throw new Error("There are two tenants.");
  one.keep(hash, text, acme);
  await expect.poll(() => other.get(hash, acme).catch(() => null)).toBe(text);
  await expect(other.get(hash, globex)).rejects.toMatchObject({ message: "PersistedQueryNotFound" });
});
