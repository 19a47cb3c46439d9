import { pubSubContract } from "@weft/testkit/live/pubsub-contract";
import { startRedisServer } from "@weft/testkit/processes/redis-server";
import { startTcpProxy } from "@weft/testkit/network/tcp-proxy";
import { until } from "@weft/testkit/until";
import { expect, test } from "vitest";
import type { PubSub } from "./pubsub.js";
import { redisPubSub } from "./redis.js";

pubSubContract("Redis", async () => {
  const redis = await startRedisServer();
  const one = await redisPubSub(redis.url, "weft:test:");
  const other = await redisPubSub(redis.url, "weft:test:");
  return {
    one,
    other,
    close: async () => {
      await one.close();
      await other.close();
      await redis.stop();
    },
  };
});

/** Publishes this many messages one after the other. Returns the milliseconds until each one failed. */
async function failingPublishes(pubsub: PubSub, count: number): Promise<number[]> {
  const waited: number[] = [];
  for (let round = 0; round < count; round++) {
    const started = performance.now();
    await expect(pubsub.publish("a", "lost")).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    waited.push(performance.now() - started);
  }
  return waited;
}

test("two installations on one server do not receive each other's messages", async () => {
  const redis = await startRedisServer();
  const [one, other] = [await redisPubSub(redis.url, "weft:one:"), await redisPubSub(redis.url, "weft:other:")];
  const heard: string[] = [];
  await one.subscribe("a", (message) => heard.push(`one ${message}`));
  await other.subscribe("a", (message) => heard.push(`other ${message}`));
  await other.publish("a", "theirs");
  await one.publish("a", "ours");
  await until(() => heard.length === 2, { what: "each has heard its own" });
  expect(heard.toSorted()).toEqual(["one ours", "other theirs"]);
  await Promise.all([one.close(), other.close()]);
  await redis.stop();
});

test(
  "F10: while Redis is unavailable publishing fails within 100 ms; when it returns, subscriptions resume and are notified",
  { timeout: 30_000 },
  async () => {
    const redis = await startRedisServer();
    const pubsub = await redisPubSub(redis.url, "weft:test:");
    const heard: string[] = [];
    let reconnects = 0;
    pubsub.onReconnect(() => reconnects++);
    await pubsub.subscribe("a", (message) => heard.push(message));
    await redis.kill();
    await until(
      () =>
        pubsub.publish("a", "lost").then(
          () => false,
          () => true,
        ),
      { what: "the loss is noticed" },
    );
    expect(Math.min(...(await failingPublishes(pubsub, 5)))).toBeLessThan(150);
    // Subscribing in the meantime does not wait for Redis.
    await pubsub.subscribe("b", (message) => heard.push(message));
    await redis.start();
    await until(() => reconnects > 0, { what: "it is connected again" });
    await until(() => pubsub.publish("a", "back").then(() => true), { what: "publishing works again" });
    await pubsub.publish("b", "also");
    await until(() => heard.includes("also"), { what: "both channels are heard" });
    expect(heard).toEqual(["back", "also"]);
    await pubsub.close();
    await redis.stop();
  },
);

test("a process starts while Redis is unavailable and connects when Redis returns", async () => {
  const redis = await startRedisServer();
  await redis.kill();
  const pubsub = await redisPubSub(redis.url, "weft:test:");
  const heard: string[] = [];
  await pubsub.subscribe("a", (message) => heard.push(message));
  await redis.start();
  await until(() => pubsub.publish("a", "x").then(() => heard.length > 0), { what: "messages flow" });
  await pubsub.close();
  await redis.stop();
});

test("F10: if Redis does not respond, one publisher waits and no others do; subscriptions resume when it responds", async () => {
  const redis = await startRedisServer();
  const proxy = await startTcpProxy({ port: redis.port });
  const pubsub = await redisPubSub(`redis://127.0.0.1:${proxy.port}`, "weft:test:");
  const heard: string[] = [];
  await pubsub.subscribe("a", (message) => heard.push(message));
  proxy.blackHole();
  const [first, ...others] = await failingPublishes(pubsub, 8);
  expect(first).toBeLessThan(1_000);
  // Otherwise each would wait as long as the first one. On a busy machine, a few can be slow for other reasons.
  expect(others.toSorted((a, b) => a - b)[3]).toBeLessThan(50);
  proxy.heal();
  await until(() => pubsub.publish("a", "back").then(() => heard.includes("back")), { what: "messages flow again" });
  await pubsub.close();
  await proxy.close();
  await redis.stop();
});
