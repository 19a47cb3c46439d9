import type { IncomingMessage, RequestListener } from "node:http";
import { outboundClient } from "@weft/platform/outbound";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ConnectorContext, connectors, findConnector } from "./index.js";

const allowing = { allowed: ["127.0.0.1"] };
const outbound = outboundClient(allowing);
let server: HttpServer;
let base: string;
let answer: RequestListener;
const got: { readonly request: IncomingMessage; readonly body: string }[] = [];

beforeAll(async () => {
  server = await serveHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({ request, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  base = server.url;
});
beforeEach(() => {
  got.length = 0;
  answer = (_request, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
});
afterAll(async () => {
  await outbound.close();
  await server.close();
});

const contextOf = (configuration: unknown, credentials: unknown, more: Partial<ConnectorContext> = {}): ConnectorContext => ({
  configuration,
  credentials,
  outbound,
  policy: allowing,
  callId: "icl_1",
  signal: new AbortController().signal,
  timeoutMs: 20_000,
  ...more,
});

function run(key: string, action: string, context: ConnectorContext, input: unknown): Promise<unknown> {
  const found = findConnector(key)
    ?.actionsOf(context.configuration)
    .find((one) => one.key === action);
  if (!found) throw new Error(`${key} has no action ${action}`);
  expect(found.problemsOf(input)).toEqual([]);
  return found.run(context, input);
}

const problemsOf = (key: string, configuration: unknown, credentials: unknown, allowed: readonly string[] = ["127.0.0.1"]) =>
  findConnector(key)?.problemsOf({ configuration, credentials, policy: { allowed } });

describe("every connector", () => {
  test("describes its configuration, its credentials, and the input and output of its actions", () => {
    expect(connectors.map(({ key }) => key)).toEqual([...new Set(connectors.map(({ key }) => key))]);
    for (const { configuration, credentials, actionsOf } of connectors)
      for (const schema of [configuration, credentials, ...actionsOf(null).flatMap(({ input, output }) => [input, output])])
        expect(schema).toSatisfy((value: Record<string, unknown>) => value["type"] === "object" || Array.isArray(value["oneOf"]));
  });
});

describe("HTTP", () => {
  const none = { type: "NONE" };

  test("sends method, path, parameters, headers and body, and the ID of the call", async () => {
    const context = contextOf({ baseUrl: `${base}/api/`, headers: { "X-Tenant": "a" } }, { type: "BASIC", user: "u", password: "p" });
    const input = { method: "POST", path: "orders", query: { page: 2 }, headers: { "X-More": "b" }, body: { n: 1 } };
    expect(await run("HTTP", "request", context, input)).toMatchObject({ status: 200, body: { ok: true }, isTruncated: false });
    const [{ request, body } = { request: undefined, body: "" }] = got;
    expect(request?.method).toBe("POST");
    expect(request?.url).toBe("/api/orders?page=2");
    expect(JSON.parse(body)).toEqual({ n: 1 });
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from("u:p").toString("base64")}`,
      "content-type": "application/json",
      "idempotency-key": "icl_1",
      "x-tenant": "a",
      "x-more": "b",
    });
  });

  test.each([
    [{ type: "BEARER", token: "t0ken" }, { authorization: "Bearer t0ken" }],
    [{ type: "API_KEY", header: "X-Api-Key", key: "k" }, { "x-api-key": "k" }],
  ])("logs in by %o", async (credentials, headers) => {
    await run("HTTP", "request", contextOf({ baseUrl: base }, credentials), {
      method: "GET",
      headers: { authorization: "forged", "x-api-key": "forged" },
    });
    expect(got[0]?.request.headers).toMatchObject(headers);
  });

  test.each([
    [429, "POST", { kind: "RETRYABLE", retryAfter: 7 }],
    [503, "POST", { kind: "RETRYABLE", retryAfter: 7 }],
    [500, "GET", { kind: "RETRYABLE" }],
    [500, "POST", { kind: "UNKNOWN_OUTCOME" }],
    [404, "GET", { kind: "PERMANENT" }],
    [302, "GET", { kind: "PERMANENT" }],
  ])("says what an answer %d to %s means", async (status, method, error) => {
    answer = (_request, response) => response.writeHead(status, { "retry-after": "7", location: "http://169.254.169.254/" }).end("no");
    await expect(run("HTTP", "request", contextOf({ baseUrl: base }, none), { method })).rejects.toMatchObject(error);
    expect(got).toHaveLength(1);
  });

  test("a request without an answer has an unknown outcome, unless it can be repeated", async () => {
    answer = (request) => request.socket.destroy();
    const context = contextOf({ baseUrl: base }, none);
    await expect(run("HTTP", "request", context, { method: "POST" })).rejects.toMatchObject({ kind: "UNKNOWN_OUTCOME" });
    await expect(run("HTTP", "request", context, { method: "PUT" })).rejects.toMatchObject({ kind: "RETRYABLE" });
    const repeatable = contextOf({ baseUrl: base, acceptsIdempotencyKey: true }, none);
    await expect(run("HTTP", "request", repeatable, { method: "POST" })).rejects.toMatchObject({ kind: "RETRYABLE" });
    const nobody = contextOf({ baseUrl: "http://127.0.0.1:1" }, none);
    await expect(run("HTTP", "request", nobody, { method: "POST" })).rejects.toMatchObject({ kind: "RETRYABLE" });
  });

  test("reads a bounded response", async () => {
    answer = (_request, response) => response.end("x".repeat(1_000_000));
    const { body, isTruncated } = (await run("HTTP", "request", contextOf({ baseUrl: base }, none), { method: "GET" })) as {
      body: string;
      isTruncated: boolean;
    };
    expect([body.length, isTruncated]).toEqual([256 * 1024, true]);
  });

  test("does not leave the base URL, nor the allowed networks", async () => {
    const context = contextOf({ baseUrl: `${base}/api` }, none);
    for (const path of ["../admin", "a/../../admin", "%2e%2e/admin"])
      await expect(run("HTTP", "request", context, { method: "GET", path })).rejects.toMatchObject({ kind: "PERMANENT" });
    expect(got).toEqual([]);
    await run("HTTP", "request", context, { method: "GET", path: "//169.254.169.254/latest" });
    expect(got[0]?.request.url).toBe("/api/169.254.169.254/latest");
    for (const baseUrl of ["http://10.0.0.1/", "https://169.254.169.254/", "https://[::1]/", "https://2130706433/", "ftp://example.com/"])
      expect(await problemsOf("HTTP", { baseUrl }, none, [])).toMatchObject([{ path: "configuration.baseUrl" }]);
    const closed = outboundClient({ allowed: [] });
    await expect(run("HTTP", "request", { ...context, outbound: closed }, { method: "GET" })).rejects.toMatchObject({
      kind: "FORBIDDEN_DESTINATION",
    });
    await closed.close();
  });

  test("refuses headers that break out of their line or belong to the connection", async () => {
    for (const headers of [
      { "X-A": "a\r\nX-B: b" },
      { "X A": "a" },
      { Host: "internal" },
      { "Content-Length": "1" },
      { "Idempotency-Key": "1" },
    ])
      expect(await problemsOf("HTTP", { baseUrl: base, headers }, none)).not.toEqual([]);
  });
});

describe("CHAT", () => {
  test("posts text in which nothing is markup", async () => {
    const slack = contextOf({ format: "SLACK" }, { url: `${base}/hook` });
    await run("CHAT", "post", slack, { title: "New", text: "<!channel> a & b" });
    expect(JSON.parse(got[0]?.body ?? "")).toMatchObject({ text: "New\n&lt;!channel&gt; a &amp; b", mrkdwn: false });
    await run("CHAT", "post", contextOf({ format: "TEAMS" }, { url: `${base}/hook` }), {
      text: "[x](http://evil) *b*",
      url: "https://a.example/",
    });
    const { attachments } = JSON.parse(got[1]?.body ?? "") as { attachments: { content: Record<string, unknown> }[] };
    expect(attachments[0]?.content).toMatchObject({
      body: [{ type: "TextBlock", text: String.raw`\[x\]\(http://evil\) \*b\*` }],
      actions: [{ type: "Action.OpenUrl", url: "https://a.example/" }],
    });
  });

  test("is healthy if the webhook refuses an empty message", async () => {
    const chat = findConnector("CHAT");
    const context = contextOf({ format: "SLACK" }, { url: `${base}/hook` });
    answer = (_request, response) => response.writeHead(400).end("no_text");
    await chat?.check(context);
    answer = (_request, response) => response.writeHead(404).end("no_service");
    await expect(chat?.check(context)).rejects.toMatchObject({ kind: "PERMANENT" });
  });

  test("does not repeat the URL, which is a secret, in problems", async () => {
    const problems = await problemsOf("CHAT", { format: "SLACK" }, { url: "https://10.0.0.1/secret" }, []);
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain("secret");
  });
});
