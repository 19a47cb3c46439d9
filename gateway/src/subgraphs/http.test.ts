import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { callVerifier, generateKeys, newId } from "@weft/shared";
import type { Viewer } from "@weft/shared";
import { afterEach, describe, expect, test } from "vitest";
import type { OperationContext } from "../context.js";
import { httpClient } from "./http.js";

const keys = generateKeys();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server on a free port that speaks HTTP, and whatever else the test wants to hear. */
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

test("a call is signed for its subgraph and body, and carries nothing else of the client", async () => {
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

describe("a subgraph that gives no usable answer is unavailable, by its name alone", () => {
  test.each<[string, RequestListener]>([
    ["rubbish", (_request, response) => void response.end("<html>")],
    ["JSON that is no answer", json({ hello: "world" })],
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

test("the deadline of the request ends a call before the client's own", async () => {
  const { url } = await serverThat(() => undefined);
  const started = performance.now();
  await expect(send(clientOf(url), { signal: AbortSignal.timeout(100) })).rejects.toMatchObject(unavailable);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a connection that breaks is tried once more for a query, and never for a mutation", async () => {
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

test("calls share kept connections: many in a row take a few, many at once no more than are allowed", async () => {
  let opened = 0;
  const { url, server } = await serverThat((_request, response) => void setImmediate(() => response.end('{"data": {}}')));
  server.on("connection", () => opened++);
  const client = clientOf(url, { connections: 4 });
  for (let index = 0; index < 20; index++) await send(client);
  // A second one when the first had not yet been given back.
  expect(opened).toBeLessThanOrEqual(2);
  const tenants = [newId(), newId()];
  await Promise.all(Array.from({ length: 50 }, (_, index) => send(client, { viewer: someone(tenants[index % 2] ?? "") })));
  expect(opened).toBe(4);
});

/** Answers probes of health as a subgraph does, and everything else by the listener. */
const healthy =
  (listener: RequestListener): RequestListener =>
  (request, response) =>
    request.url === "/health/live" ? json({ status: "live", subgraph: "requests" })(request, response) : listener(request, response);
const outcome = (client: ReturnType<typeof httpClient>, given?: Partial<OperationContext>, query?: string) =>
  send(client, given, query).then(
    () => "answered",
    () => "refused",
  );

test("slow operations of one tenant fail by themselves: the subgraph stays open to the others", async () => {
  const { url } = await serverThat(
    healthy((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      // What is slow is never answered.
      request.on("end", () => body.includes("slow") || response.end('{"data": {}}'));
    }),
  );
  const client = clientOf(url, { timeoutMs: 700, slowMs: 100, connections: 8 });
  const [loud, neighbour] = [newId(), newId()];
  const slow = Array.from({ length: 40 }, () => outcome(client, { viewer: someone(loud) }, "{ slow }"));
  const others: string[] = [];
  for (let index = 0; index < 100; index++) others.push(await outcome(client, { viewer: someone(neighbour) }));
  expect(others.filter((answer) => answer !== "answered")).toEqual([]);
  // The tenant waits for its own half of the connections, ten times the timeout; nobody waits for that here.
  expect(await Promise.all(slow.slice(0, 8))).toEqual(Array(8).fill("refused"));
  expect(await outcome(client, { viewer: someone(neighbour) })).toBe("answered");
});

test("connections that are refused five times in a row close a subgraph to all, until its health answers again", async () => {
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
  await expect.poll(() => outcome(client), { timeout: 5_000 }).toBe("answered");
});

test("a subgraph that hangs answers no probe: calls are refused at once, until it goes on", async () => {
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
  await expect.poll(() => outcome(client), { timeout: 5_000 }).toBe("answered");
});

test("what answers in the place of a subgraph, and is none, is noticed by its health", async () => {
  let calls = 0;
  const { url } = await serverThat((request, response) => {
    if (request.url === "/graphql") calls++;
    response.end("<html>");
  });
  const client = clientOf(url);
  await expect(send(client)).rejects.toMatchObject(unavailable);
  const triedAgain = async (): Promise<boolean> => {
    const before = calls;
    await outcome(client);
    return calls > before;
  };
  await expect.poll(triedAgain, { timeout: 5_000 }).toBe(false);
});

test("an answer that is too large is the operation's fault, and the subgraph stays open to others", async () => {
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

test("an endless answer is given up at the bound", async () => {
  const { url } = await serverThat((_request, response) => void setInterval(() => response.write("x".repeat(100_000)), 1).unref());
  const started = performance.now();
  await expect(send(clientOf(url, { timeoutMs: 5_000, maxResponseBytes: 200_000 }))).rejects.toMatchObject({
    extensions: { code: "QUERY_LIMIT_EXCEEDED" },
  });
  expect(performance.now() - started).toBeLessThan(4_500);
});
