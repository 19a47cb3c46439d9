import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import type { LiveClient } from "@weft/testkit/live/live-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  const settings = {
    LIMIT_SUBSCRIPTIONS_PER_SOCKET: 200,
    LIMIT_OPERATIONS_IN_FLIGHT: 3,
    LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT: 2,
    LIMIT_REFUSALS_PER_SECOND: 10,
    // Longer than the test waits.
    WEFT_REQUEST_TIMEOUT_MS: 60_000,
    DATABASE_LOCK_TIMEOUT_MS: 60_000,
    DATABASE_STATEMENT_TIMEOUT_MS: 60_000,
  };
  weft = await startTestGateway(await cloneDatabase(), { settings });
});
afterAll(() => weft.stop());

const send = (client: LiveClient, id: string, query: string): void => client.send({ type: "subscribe", id, payload: { query } });
const codeOf = (payload: unknown): unknown => (payload as { extensions?: { code?: unknown } }[])[0]?.extensions?.code;
const operationsWaiting = async (): Promise<string | undefined> =>
  /^weft_operations_waiting \d+$/m.exec(await (await fetch(`${weft.url}/metrics`)).text())?.[0];

test("validates subscriptions with new texts in turns, and refuses those of a tenant if more than fifty are waiting", async () => {
  const client = await openLive(weft.url, { token: (await weft.person()).token });
  // As slow to validate as the limits allow, and fast to parse.
  const text = (name: string): string => `subscription ${name} { requestChanged { ${"change ".repeat(190)} } }`;
  for (let at = 0; at < 150; at++) send(client, `s${at}`, text(`S${at}`));
  const refusal = await client.message(({ type }) => type === "error");
  expect(codeOf(refusal.payload)).toBe("RATE_LIMITED");
  expect(JSON.stringify(refusal.payload)).toContain("50 new operations of your organization are already waiting to be planned.");
  client.close();
});

test("validates a new text once if many sockets send it at the same time, without refusals", { tags: "slow" }, async () => {
  const { token } = await weft.person();
  const client = await openLive(weft.url, { token });
  const query = `subscription Same { requestChanged { ${"cursor ".repeat(190)} } }`;
  for (let at = 0; at < 150; at++) send(client, `s${at}`, query);
  // The result arrives for all of them before this one, because the last text is then known.
  send(client, "last", "subscription { requestChanged { nothing } }");
  await client.message(({ id }) => id === "last");
  expect(client.messages.filter(({ type, id }) => type === "error" && id !== "last")).toEqual([]);
  client.close();
});

test("limits the rate of refusals over a socket, too", { tags: "slow" }, async () => {
  const client = await openLive(weft.url, { token: (await weft.person()).token });
  const started = performance.now();
  for (let at = 0; at < 25; at++) send(client, `r${at}`, "{ nothing");
  for (let at = 0; at < 25; at++) {
    const { payload } = await client.message(({ id }) => id === `r${at}`);
    expect(codeOf(payload)).toBe("GRAPHQL_PARSE_FAILED");
  }
  // Ten at once, and fifteen more at ten per second.
  expect(performance.now() - started).toBeGreaterThan(1_400);
  client.close();
});

test("operations of a closed socket give up their places in the queue", async () => {
  const { token } = await weft.person();
  const held = await weft.sql.reserve();
  await held`select pg_advisory_lock(4711)`;
  try {
    const client = await openLive(weft.url, { token });
    for (let at = 0; at < 5; at++) send(client, `q${at}`, "{ locked }");
    await expect.poll(operationsWaiting, { timeout: 20_000 }).toBe("weft_operations_waiting 3");
    client.close();
    await expect.poll(operationsWaiting, { timeout: 20_000 }).toBe("weft_operations_waiting 0");
  } finally {
    // They are held until here; nothing else released them.
    await held`select pg_advisory_unlock(4711)`;
    held.release();
  }
});

test("completed operations give up their places in the queue, and are not answered", async () => {
  const { token } = await weft.person();
  const held = await weft.sql.reserve();
  await held`select pg_advisory_lock(4711)`;
  const client = await openLive(weft.url, { token });
  try {
    for (let at = 0; at < 5; at++) send(client, `q${at}`, "{ locked }");
    await expect.poll(operationsWaiting, { timeout: 20_000 }).toBe("weft_operations_waiting 3");
    for (let at = 0; at < 5; at++) client.send({ type: "complete", id: `q${at}` });
    await expect.poll(operationsWaiting, { timeout: 20_000 }).toBe("weft_operations_waiting 0");
  } finally {
    await held`select pg_advisory_unlock(4711)`;
    held.release();
  }
  send(client, "next", "{ greeting }");
  await client.message(({ type, id }) => type === "complete" && id === "next");
  expect(client.messages.filter(({ id }) => id?.startsWith("q"))).toEqual([]);
  client.close();
});
