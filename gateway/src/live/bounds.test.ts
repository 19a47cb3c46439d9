import { cloneDatabase } from "@weft/testkit/database";
import { openLive } from "@weft/testkit/live-client";
import type { LiveClient } from "@weft/testkit/live-client";
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

test("subscriptions with new texts are validated in turns: those of a tenant beyond fifty that wait are refused", async () => {
  const client = await openLive(weft.url, { token: (await weft.person()).token });
  // As long to validate as the limits allow, and short to parse.
  const text = (name: string): string => `subscription ${name} { requestChanged { ${"change ".repeat(190)} } }`;
  for (let at = 0; at < 150; at++) send(client, `s${at}`, text(`S${at}`));
  const refusal = await client.message(({ type }) => type === "error");
  expect(codeOf(refusal.payload)).toBe("RATE_LIMITED");
  expect(JSON.stringify(refusal.payload)).toContain("50 operations of this organization with new texts wait to be planned already.");
  client.close();
});

test("a new text that many sockets send at the same moment is validated once, and nobody is refused", async () => {
  const { token } = await weft.person();
  const client = await openLive(weft.url, { token });
  const query = `subscription Same { requestChanged { ${"cursor ".repeat(190)} } }`;
  for (let at = 0; at < 150; at++) send(client, `s${at}`, query);
  // Whatever comes of it, it comes for all of them before this: the last one's text is known.
  send(client, "last", "subscription { requestChanged { nothing } }");
  await client.message(({ id }) => id === "last");
  expect(client.messages.filter(({ type, id }) => type === "error" && id !== "last")).toEqual([]);
  client.close();
});

test("what is refused over a socket comes at the rate of refusals, too", async () => {
  const client = await openLive(weft.url, { token: (await weft.person()).token });
  const started = performance.now();
  for (let at = 0; at < 25; at++) send(client, `r${at}`, "{ nothing");
  for (let at = 0; at < 25; at++) {
    const { payload } = await client.message(({ id }) => id === `r${at}`);
    expect(codeOf(payload)).toBe("GRAPHQL_PARSE_FAILED");
  }
  // Ten at once, and fifteen more at ten in a second.
  expect(performance.now() - started).toBeGreaterThan(1_400);
  client.close();
});

test("operations of a socket that closes give up their places in the queue", async () => {
  const { token } = await weft.person();
  const held = await weft.sql.reserve();
  await held`select pg_advisory_lock(4711)`;
  const waiting = async (): Promise<string | undefined> =>
    /^weft_operations_waiting \d+$/m.exec(await (await fetch(`${weft.url}/metrics`)).text())?.[0];
  try {
    const client = await openLive(weft.url, { token });
    for (let at = 0; at < 5; at++) send(client, `q${at}`, "{ locked }");
    await expect.poll(waiting, { timeout: 20_000 }).toBe("weft_operations_waiting 3");
    client.close();
    await expect.poll(waiting, { timeout: 20_000 }).toBe("weft_operations_waiting 0");
  } finally {
    // Held until here: nothing else has let them go.
    await held`select pg_advisory_unlock(4711)`;
    held.release();
  }
});
