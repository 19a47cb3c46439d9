import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { generateKeys } from "@weft/platform/config";
import { callVerifier } from "@weft/api/subgraph";
import { afterEach, describe, expect, test } from "vitest";
import type { OperationContext } from "../context.js";
import { httpClient } from "./http.js";

const keys = generateKeys();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Starts an HTTP server on a free port, with additional listeners if the test needs them. */
async function serverThat(listener: RequestListener, port = 0): Promise<{ url: string; server: Server; port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  ends.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const at = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${at}`, server, port: at };
}

function clientOf(
  url: string,
  options: { timeoutMs?: number; slowMs?: number; maxResponseBytes?: number; connections?: number } = {},
): ReturnType<typeof httpClient> {
  const client = httpClient({ name: "requests", url, keys, ...options });
  ends.push(() => client.close());
  return client;
}

const context = (given: Partial<OperationContext> = {}): OperationContext => ({
  viewer: null,
  requestId: newId(),
  address: "192.0.2.1",
  userAgent: "test",
  traceId: null,
  signal: AbortSignal.timeout(10_000),
  ...given,
});
const send = (client: ReturnType<typeof httpClient>, given: Partial<OperationContext> = {}, query = "{ a }") =>
  client.send({ query, variables: { x: 1 }, context: context(given) });
const json =
  (value: unknown): RequestListener =>
  (_request, response) =>
    void response.setHeader("content-type", "application/json").end(JSON.stringify(value));
const someone = (tenantId: string): Viewer => ({ tenantId }) as Viewer;
const unavailable = { extensions: { code: "SERVICE_UNAVAILABLE", service: "requests" } };

test("a call is signed for its subgraph and body, and carries nothing else from the client", async () => {
  const verify = callVerifier({ key: keys.internalCall, subgraph: "requests" });
  let seen: unknown;
  let headers: string[] = [];
  const { url } = await serverThat((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      seen = { call: verify(request.headers["x-weft-call"], body), body: JSON.parse(body) as unknown };
      headers = Object.keys(request.headers).toSorted();
      response.end('{"data": {"a": 1}}');
    });
  });
  expect(await send(clientOf(url), { requestId: "the-request" })).toEqual({ data: { a: 1 } });
  expect(seen).toEqual({
    call: {
      viewer: null,
      requestId: "the-request",
      address: "192.0.2.1",
      userAgent: "test",
      traceId: null,
      operationId: expect.any(String) as unknown,
      remainingMs: expect.any(Number) as unknown,
    },
    body: { query: "{ a }", variables: { x: 1 } },
  });
  expect(headers).toEqual(["accept", "connection", "content-length", "content-type", "host", "x-weft-call"]);
});

describe("a subgraph without a usable answer is reported as unavailable, with nothing but its name", () => {
  test.each<[string, RequestListener]>([
    ["rubbish", (_request, response) => void response.end("<html>")],
    ["JSON that is not an answer", json({ hello: "world" })],
    ["errors of the wrong shape", json({ errors: "many" })],
    [
      "a refused signature",
      (_request, response) => void response.writeHead(401).end('{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}'),
    ],
    ["a fault", (_request, response) => void response.writeHead(500).end('{"errors":[{"message":"at /srv/secret.ts"}]}')],
    ["a cut connection", (request) => void request.socket.destroy()],
    ["silence", () => undefined],
  ])("%s", async (_what, listener) => {
    const { url } = await serverThat(listener);
    const started = performance.now();
    const error: unknown = await send(clientOf(url, { timeoutMs: 500, maxResponseBytes: 200_000 })).catch((failure: unknown) => failure);
    expect(error).toMatchObject(unavailable);
    expect(String(error)).not.toMatch(/127\.0\.0\.1|secret/);
    expect(performance.now() - started).toBeLessThan(4_500);
  });
});

test("the deadline of the request ends a call before the client's own timeout", async () => {
  const { url } = await serverThat(() => undefined);
  const started = performance.now();
  await expect(send(clientOf(url), { signal: AbortSignal.timeout(100) })).rejects.toMatchObject(unavailable);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a query is retried once after a broken connection, and a mutation never", async () => {
  let calls = 0;
  const { url } = await serverThat((request, response) => {
    if (++calls % 2 === 1) request.socket.destroy();
    else response.end('{"data": {}}');
  });
  const client = clientOf(url);
  expect(await send(client)).toEqual({ data: {} });
  await expect(send(client, {}, "mutation { a }")).rejects.toMatchObject(unavailable);
  expect(calls).toBe(3);
});

test("calls share persistent connections: sequential calls use a few, concurrent calls at most the allowed number", async () => {
  let opened = 0;
  const { url, server } = await serverThat((_request, response) => void setImmediate(() => response.end('{"data": {}}')));
  server.on("connection", () => opened++);
  const client = clientOf(url, { connections: 4 });
  for (let index = 0; index < 20; index++) await send(client);
  // A second connection was opened before the first was released.
  expect(opened).toBeLessThanOrEqual(2);
  const tenants = [newId(), newId()];
  await Promise.all(Array.from({ length: 50 }, (_, index) => send(client, { viewer: someone(tenants[index % 2] ?? "") })));
  expect(opened).toBe(4);
});

/** Answers health probes like a subgraph, and everything else with the listener. */
const healthy =
  (listener: RequestListener): RequestListener =>
  (request, response) =>
    request.url === "/health/live" ? json({ status: "live", subgraph: "requests" })(request, response) : listener(request, response);
const outcome = (client: ReturnType<typeof httpClient>, given?: Partial<OperationContext>, query?: string) =>
  send(client, given, query).then(
    () => "answered",
    () => "refused",
  );

test("slow operations of one tenant fail individually: the subgraph stays available to the others", { tags: "slow" }, async () => {
  const { url } = await serverThat(
    healthy((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      // Slow requests are never answered.
      request.on("end", () => body.includes("slow") || response.end('{"data": {}}'));
    }),
  );
  const client = clientOf(url, { timeoutMs: 700, slowMs: 100, connections: 8 });
  const [loud, neighbor] = [newId(), newId()];
  const slow = Array.from({ length: 40 }, () => outcome(client, { viewer: someone(loud) }, "{ slow }"));
  const others: string[] = [];
  for (let index = 0; index < 100; index++) others.push(await outcome(client, { viewer: someone(neighbor) }));
  expect(others.filter((answer) => answer !== "answered")).toEqual([]);
  // The tenant would wait for its half of the connections for ten times the timeout; this test does not wait for that.
  expect(await Promise.all(slow.slice(0, 8))).toEqual(Array(8).fill("refused"));
  expect(await outcome(client, { viewer: someone(neighbor) })).toBe("answered");
});

test("five refused connections in a row close a subgraph to all tenants until a health probe succeeds", async () => {
  const { url, server, port } = await serverThat(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  const client = clientOf(url);
  for (let index = 0; index < 5; index++) expect(await outcome(client)).toBe("refused");
  let calls = 0;
  await serverThat(
    healthy((_request, response) => {
      calls++;
      response.end('{"data": {}}');
    }),
    port,
  );
  expect(await outcome(client)).toBe("refused");
  expect(calls).toBe(0);
  await expect.poll(() => outcome(client), { timeout: 20_000 }).toBe("answered");
});

test("a subgraph that hangs fails its health probes: calls are refused at once until it recovers", { tags: "slow" }, async () => {
  let isHanging = true;
  const answer = healthy((_request, response) => void response.end('{"data": {}}'));
  const { url } = await serverThat((request, response) => void (isHanging || answer(request, response)));
  const client = clientOf(url, { timeoutMs: 2_000, slowMs: 100 });
  const first = outcome(client);
  const refusedWithinMs = async (): Promise<number> => {
    const begun = performance.now();
    await expect(send(client)).rejects.toMatchObject(unavailable);
    return performance.now() - begun;
  };
  await expect.poll(refusedWithinMs, { timeout: 15_000 }).toBeLessThan(100);
  expect(await first).toBe("refused");
  isHanging = false;
  await expect.poll(() => outcome(client), { timeout: 20_000 }).toBe("answered");
});

test.each([
  ["a page", "<html>"],
  ["more than a health check has to say", JSON.stringify({ status: "live", subgraph: "requests", more: "x".repeat(20_000) })],
])("the health check detects a server that answers in place of a subgraph, with %s", { tags: "slow" }, async (_what, answer) => {
  let calls = 0;
  const { url } = await serverThat((request, response) => {
    if (request.url === "/graphql") calls++;
    response.end(request.url === "/graphql" ? "<html>" : answer);
  });
  const client = clientOf(url);
  await expect(send(client)).rejects.toMatchObject(unavailable);
  const triedAgain = async (): Promise<boolean> => {
    const before = calls;
    await outcome(client);
    return calls > before;
  };
  await expect.poll(triedAgain, { timeout: 20_000 }).toBe(false);
});

test("an answer that is too large fails only its operation, and the subgraph stays available to others", async () => {
  const { url } = await serverThat((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => json({ data: { a: body.includes("large") ? "x".repeat(5_000) : 1 } })(request, response));
  });
  const client = clientOf(url, { maxResponseBytes: 1_000 });
  for (let call = 0; call < 8; call++) {
    await expect(send(client, {}, "{ large }")).rejects.toMatchObject({
      extensions: { code: "QUERY_LIMIT_EXCEEDED", limit: "responseBytes", max: 1_000 },
    });
  }
  expect(await send(client)).toEqual({ data: { a: 1 } });
});

test("an endless answer is cut off at the limit", async () => {
  const { url } = await serverThat((_request, response) => void setInterval(() => response.write("x".repeat(100_000)), 1).unref());
  const started = performance.now();
  await expect(send(clientOf(url, { timeoutMs: 5_000, maxResponseBytes: 200_000 }))).rejects.toMatchObject({
    extensions: { code: "QUERY_LIMIT_EXCEEDED" },
  });
  expect(performance.now() - started).toBeLessThan(4_500);
});
