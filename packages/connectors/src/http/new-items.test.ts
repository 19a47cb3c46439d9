import type { IncomingMessage, RequestListener } from "node:http";
import { outboundClient } from "@weft/platform/outbound";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ConnectorContext, type ConnectorTrigger, findConnector, type PollCursor, type PollResult } from "../index.js";

const policy = { allowed: ["127.0.0.1"] };
const outbound = outboundClient(policy);
const got: IncomingMessage[] = [];
let server: HttpServer;
let context: ConnectorContext;
let answer: RequestListener;

beforeAll(async () => {
  server = await serveHttp((request, response) => {
    got.push(request);
    answer(request, response);
  });
  context = {
    configuration: { baseUrl: `${server.url}/api` },
    credentials: { type: "BEARER", token: "secret" },
    outbound,
    policy,
    callId: "poll_1",
    signal: new AbortController().signal,
    timeoutMs: 20_000,
  };
});
beforeEach(() => {
  got.length = 0;
});
afterAll(async () => {
  await outbound.close();
  await server.close();
});

function trigger(): ConnectorTrigger {
  const found = findConnector("HTTP")
    ?.triggersOf()
    .find(({ key }) => key === "newItems");
  if (!found) throw new Error("There is no trigger.");
  return found;
}

const poll = (cursor: PollCursor, input: Record<string, unknown> = {}): Promise<PollResult> => {
  expect(trigger().problemsOf(input)).toEqual([]);
  return trigger().poll(context, input, cursor);
};
const respond = (body: unknown, headers: Record<string, string> = {}): void => {
  answer = (_request, response) => response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};
const listOf = (...ids: (string | number)[]) => ids.map((id) => ({ id }));
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const idsOf = ({ items }: PollResult): string[] => items.map(({ id }) => id);

test("returns items that were added since the start, once, wherever they are in the list", async () => {
  respond(listOf(1, 2));
  const start = await trigger().start(context, {});
  expect((await poll(start)).items).toEqual([]);
  respond([{ id: 4, name: "Lamp" }, ...listOf(1, 2), { id: 3, name: "Chair" }]);
  const polled = await poll(start);
  expect(polled.items).toEqual([
    { id: "4", data: { id: 4, name: "Lamp" } },
    { id: "3", data: { id: 3, name: "Chair" } },
  ]);
  expect((await poll(polled.cursor)).items).toEqual([]);
  expect(got[0]?.headers.authorization).toBe("Bearer secret");
});

test("finds the items and their IDs by pointers", async () => {
  respond({ data: { "all/items": [{ meta: { key: "a" } }, { meta: { key: "b" } }] } });
  const input = { path: "orders", query: { state: "open" }, items: "/data/all~1items", id: "/meta/key" };
  expect(idsOf(await poll(null, input))).toEqual(["a", "b"]);
  expect(got[0]?.url).toBe("/api/orders?state=open");
});

test("returns many items in several polls", async () => {
  respond(listOf(...numbers(1, 230)), { etag: '"1"' });
  const first = await poll(null);
  const second = await poll(first.cursor);
  const third = await poll(second.cursor);
  expect([first, second, third].map(({ items, hasMore }) => [items.length, hasMore])).toEqual([
    [100, true],
    [100, true],
    [30, false],
  ]);
  // Nothing had been left out because the list had not changed.
  expect(got.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, undefined, undefined]);
});

test("asks whether the list has changed, if the server names its version", async () => {
  respond(listOf(1), { etag: '"1"' });
  const { cursor } = await poll(null);
  answer = (_request, response) => response.writeHead(304).end();
  expect(await poll(cursor)).toEqual({ items: [], cursor, hasMore: false });
  expect(got[1]?.headers["if-none-match"]).toBe('"1"');
});

test("does not forget items that are still listed when many others come and go", async () => {
  respond(listOf("stays"));
  let { cursor } = await poll(null);
  for (let round = 0; round < 25; round++) {
    respond(listOf("stays", ...numbers(round * 100, round * 100 + 99)));
    const polled = await poll(cursor);
    expect(polled.items).toHaveLength(100);
    ({ cursor } = polled);
  }
  expect((cursor as unknown as { seen: string[] }).seen).toHaveLength(2000);
  expect(Buffer.byteLength(JSON.stringify(cursor))).toBeLessThan(64 * 1024);
  respond(listOf("stays"));
  expect((await poll(cursor)).items).toEqual([]);
});

test.each([
  ["has no array there", { items: {} }, { items: "/items" }, "no array"],
  ["inherits what is asked for", {}, { items: "/constructor" }, "no array"],
  ["has an item without an ID", [{ id: 1 }, { name: "x" }], {}, "Item 1 of the response has no ID"],
  ["has an ID that is an object", [{ id: {} }], {}, "Item 0 of the response has no ID"],
  ["has too many items", listOf(...numbers(1, 1001)), {}, "more than 1000 items"],
  ["is too long", [{ id: 1, text: "x".repeat(300_000) }], {}, "256 KiB"],
])("fails with a reason if the response %s", async (_, body, input, message) => {
  respond(body);
  await expect(poll(null, input)).rejects.toMatchObject({ kind: "PERMANENT", message: expect.stringContaining(message) as unknown });
});

test("fails as a call does: later attempts can succeed, other networks are forbidden, and paths stay below the base URL", async () => {
  answer = (_request, response) => response.writeHead(503, { "retry-after": "7" }).end();
  await expect(poll(null)).rejects.toMatchObject({ kind: "RETRYABLE", retryAfter: 7 });
  answer = (_request, response) => response.writeHead(304).end();
  await expect(poll(null)).rejects.toMatchObject({ kind: "PERMANENT" });
  await expect(poll(null, { path: "../admin" })).rejects.toMatchObject({ kind: "PERMANENT" });
  const inside = { ...context, configuration: { baseUrl: "https://169.254.169.254" } };
  await expect(trigger().poll(inside, {}, null)).rejects.toMatchObject({ kind: "FORBIDDEN_DESTINATION" });
  expect(trigger().problemsOf({ items: "data" })).toEqual([
    { path: "input.items", message: "Expected a JSON Pointer, such as /data/items." },
  ]);
});
