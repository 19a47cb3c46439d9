import { encodeId } from "@weft/shared/ids";
import { createLogger } from "@weft/platform/logging";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestGateway } from "./testing/start-gateway.js";
import type { TestGateway } from "./testing/start-gateway.js";

type Line = Readonly<Record<string, unknown>>;
let lines: Line[] = [];
let weft: TestGateway;

beforeAll(async () => {
  const log = createLogger({ logLevel: "info" }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  weft = await startTestGateway(await cloneDatabase(), { gateway: () => ({ log }) });
});
afterAll(() => weft.stop());
beforeEach(() => {
  lines = [];
});

const operations = (): Line[] => lines.filter(({ msg }) => msg === "operation");

test("logs an operation over HTTP in one line with name, tenant, user, duration, code and request ID", async () => {
  const { token, tenantId, userId } = await weft.person();
  lines = [];
  await weft.post({ query: "query Greet { greeting }" }, { authorization: `Bearer ${token}`, "x-request-id": "request-0001" });
  expect(operations()).toEqual([
    expect.objectContaining({
      level: "info",
      requestId: "request-0001",
      transport: "http",
      kind: "query",
      operation: "Greet",
      tenant: `t-${tenantId}`,
      tenantId,
      userId: encodeId("user", userId),
      durationMs: expect.any(Number) as number,
      code: "OK",
    }),
  ]);
});

test("identifies an operation without a name by its root fields", async () => {
  await weft.run("{ greeting }");
  expect(operations()).toMatchObject([{ operation: "{ greeting }" }]);
});

test("logs the code of a refusal, and in a demo its reason", async () => {
  await weft.post({ query: "query Broken { greeting", operationName: "Broken" });
  expect(operations()).toMatchObject([
    { operation: "Broken", code: "GRAPHQL_PARSE_FAILED", refusal: expect.stringContaining("Syntax Error") as string },
  ]);
});

test("logs the client's address with a refused authentication, and with no other operation", async () => {
  const { token } = await weft.person();
  lines = [];
  await weft.post({ query: "query Guess { greeting }" }, { authorization: `Bearer ${token}x` });
  await weft.post({ query: "query Greet { greeting }" }, { authorization: `Bearer ${token}` });
  const [guess, greet] = operations();
  expect(guess).toMatchObject({ code: "UNAUTHENTICATED", address: "127.0.0.1" });
  expect(greet).toMatchObject({ code: "OK" });
  expect(greet).not.toHaveProperty("address");
});

test("never logs an operation name that is not valid in GraphQL", async () => {
  await weft.post({ query: "{ greeting }", operationName: "x\n\u001b[31mforged" });
  expect(JSON.stringify(operations())).not.toContain('forged"');
  expect(operations()).toHaveLength(1);
  expect(operations()[0]?.["operation"]).toMatch(/^[\w{} …]*$/);
});

test("truncates a very long name", async () => {
  await weft.run(`query ${"N".repeat(500)} { greeting }`);
  expect(operations()[0]?.["operation"]).toBe("N".repeat(80));
});

test("logs a query over WebSocket and a subscription in one line each, the subscription when it ends", async () => {
  const { token, tenantId } = await weft.person({ permissions: { "request.read": "TENANT" } });
  const client = await openLive(weft.url, { token });
  try {
    lines = [];
    client.send({ type: "subscribe", id: "q", payload: { query: "query Greet { greeting }" } });
    await client.message((message) => message.type === "complete" && message.id === "q");
    client.send({ type: "subscribe", id: "s", payload: { query: "subscription Watch { requestChanged { cursor } }" } });
    client.send({ type: "subscribe", id: "r", payload: { query: "query Again { greeting }" } });
    await client.message((message) => message.type === "complete" && message.id === "r");
    client.send({ type: "complete", id: "s" });
    await until(() => operations().length === 3, { what: "the subscription's line is there" });
    expect(operations()).toMatchObject([
      { operation: "Greet", transport: "websocket", tenant: `t-${tenantId}`, code: "OK" },
      { operation: "Again" },
      { kind: "subscription", operation: "Watch", transport: "websocket", tenant: `t-${tenantId}`, code: "OK" },
    ]);
  } finally {
    client.close();
  }
});

test("does not log the process's own operations through fetch at info level", async () => {
  await weft.gateway.fetch("http://localhost/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "query Own { greeting }" }),
  });
  expect(operations()).toEqual([]);
});
