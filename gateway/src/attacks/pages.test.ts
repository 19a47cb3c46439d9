/** Attacks by pages that a user visits: pages of other origins (A35), and answers that a browser would take for a page (A37). */
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { openLive } from "@weft/testkit/live/live-client";
import { openStream } from "@weft/testkit/live/stream-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

const allowed = "https://app.example.com";
let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_CORS_ORIGINS: allowed, WEFT_COOKIE_ORIGINS: allowed, LIMIT_SOCKETS_PER_USER: 1_000, WEFT_DRAIN_TIMEOUT_MS: 500 },
  });
});
afterAll(() => weft.stop());

const query = "subscription { requestChanged { cursor request { id } } }";
const tokenHeader = "x-graphql-event-stream-token";
const body = JSON.stringify({ query, extensions: { operationId: "1" } });
/** Only requests that the browser has asked permission for have it. */
const preflight = { "apollo-require-preflight": "1" };
const json = { "content-type": "application/json", ...preflight };
const multipart = "multipart/mixed;subscriptionSpec=1.0, application/json";
const byLink = `?query=${encodeURIComponent(query)}`;

interface Request {
  readonly method: string;
  readonly search?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Everything that a page can send to get events. `key` is the token of a stream that the user has reserved. */
const requests: readonly (readonly [what: string, request: (key: string) => Request])[] = [
  ["a POST for server-sent events", () => ({ method: "POST", headers: { ...json, accept: "text/event-stream" }, body })],
  ["a GET for server-sent events", () => ({ method: "GET", search: byLink, headers: { accept: "text/event-stream" } })],
  ["a POST for a multipart response", () => ({ method: "POST", headers: { ...json, accept: multipart }, body })],
  ["a GET for a multipart response", () => ({ method: "GET", search: byLink, headers: { accept: multipart } })],
  ["a reservation", () => ({ method: "PUT", headers: preflight })],
  ["opening a reserved stream", (key) => ({ method: "GET", search: `?token=${key}`, headers: { accept: "text/event-stream" } })],
  ["an operation of a reserved stream", (key) => ({ method: "POST", headers: { ...json, [tokenHeader]: key }, body })],
  ["the end of an operation", (key) => ({ method: "DELETE", search: "?operationId=1", headers: { ...preflight, [tokenHeader]: key } })],
];

/** Sends exactly these headers: `fetch` replaces those that only browsers set. */
async function send({
  method,
  search = "",
  headers = {},
  body: content,
}: Request): Promise<{ readonly status: number | undefined; readonly headers: IncomingMessage["headers"] }> {
  const sent = request(`${weft.url}/graphql${search}`, { method, headers, agent: false });
  sent.end(content);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  onTestFinished(() => void response.destroy());
  return { status: response.statusCode, headers: response.headers };
}

async function reserved(token: string): Promise<string> {
  const reservation = await openStream(`${weft.url}/graphql`, { token, method: "PUT", accept: "*/*" });
  await reservation.ended();
  return reservation.text;
}

describe("A35: a page of another origin", () => {
  test.each(requests)("cannot send %s, with the cookie or the token of the user", async (_what, sent) => {
    const { token } = await weft.person();
    const { headers, ...rest } = sent(await reserved(token));
    for (const origin of [
      "https://evil.example",
      "null",
      `${allowed}.evil.example`,
      "https://evil-app.example.com",
      "http://app.example.com",
      `${allowed}:8443`,
    ])
      for (const login of [{ cookie: `weft_access=${token}` }, { authorization: `Bearer ${token}` }]) {
        const { status, headers: received } = await send({ ...rest, headers: { ...headers, ...login, origin } });
        expect([origin, status, received["access-control-allow-origin"]]).toEqual([origin, 403, undefined]);
      }
  });

  test.each(["GET", "POST", "PUT", "DELETE"])(
    "has no permission to send %s with the headers of streams, and a page of an allowed one has",
    async (method) => {
      const ask = (origin: string) =>
        send({
          method: "OPTIONS",
          headers: {
            origin,
            "access-control-request-method": method,
            "access-control-request-headers": `authorization,content-type,${tokenHeader},last-event-id`,
          },
        });
      const [foreign, ours] = [await ask("https://evil.example"), await ask(allowed)];
      expect([foreign.headers["access-control-allow-origin"], foreign.headers["access-control-allow-methods"]]).toEqual([
        undefined,
        undefined,
      ]);
      expect(ours.headers["access-control-allow-origin"]).toBe(allowed);
      expect(ours.headers["access-control-allow-methods"]).toContain(method);
      expect(ours.headers["access-control-allow-headers"]).toContain(tokenHeader);
    },
  );

  test.each([
    ["a link", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "cross-site" }],
    ["a frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site" }],
    ["an image", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image", "sec-fetch-site": "cross-site" }],
    ["a script", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script", "sec-fetch-site": "same-site" }],
    ["a fetch without CORS", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty", "sec-fetch-site": "cross-site" }],
  ])("opens no stream by %s, even with the address of a reserved one", async (_what, browser) => {
    const { token } = await weft.person();
    const key = await reserved(token);
    for (const search of [`?token=${key}`, byLink])
      for (const accept of ["text/event-stream", "*/*", multipart]) {
        const { headers } = await send({ method: "GET", search, headers: { ...browser, accept, cookie: `weft_access=${token}` } });
        expect(headers["cache-control"]).not.toBe("no-store, no-transform");
      }
    expect(
      (await send({ method: "GET", search: `?token=${key}`, headers: { accept: "text/event-stream" } })).headers["cache-control"],
    ).toBe("no-store, no-transform");
  });

  test("opens no WebSocket, and the cookie of the user logs it in nowhere", async () => {
    const { token } = await weft.person();
    for (const origin of ["https://evil.example", "null", `${allowed}.evil.example`])
      await expect(openLive(weft.url, { headers: { origin, cookie: `weft_access=${token}` } })).rejects.toThrow("403");
    // Another program on the machine of a demo, which may call, but not as the user.
    const local = await openLive(weft.url, { headers: { origin: "http://localhost:5173", cookie: `weft_access=${token}` } });
    local.send({ type: "connection_init" });
    expect(await local.closed()).toBe(4401);
  });
});

describe("A35: a form or a link on a page of the same site, which sends the cookie,", () => {
  test.each(requests.filter(([, sent]) => sent("").search?.startsWith("?token") !== true))(
    "is not logged in by it with %s",
    async (_what, sent) => {
      const { token, tenantId } = await weft.person();
      const { headers = {}, method, search, body: content } = sent(await reserved(token));
      const { "apollo-require-preflight": _preflight, ...simple } = headers as Record<string, string>;
      const before = await openSubscriptions();
      const stream = await openStream(`${weft.url}/graphql${search ?? ""}`, {
        method,
        accept: simple["accept"] ?? "*/*",
        headers: { ...simple, cookie: `weft_access=${token}` },
        ...(content !== undefined && { rawBody: content }),
      });
      onTestFinished(() => stream.close());
      await stream.ended();
      expect(stream.text).toContain("UNAUTHENTICATED");
      await weft.emit(tenantId);
      expect(await openSubscriptions()).toBe(before);
    },
  );
});

const openSubscriptions = async (): Promise<string | undefined> =>
  /^weft_live_subscriptions (\d+)$/m.exec(await (await fetch(`${weft.url}/metrics`)).text())?.[1];

test("A37: a browser takes no answer of a stream for a page: no sniffing, no frame, no content", async () => {
  const { token } = await weft.person();
  const page = "<!doctype html><script>alert(1)</script>";
  const echo = JSON.stringify({ query: "query ($name: String) { greeting(name: $name) }", variables: { name: page } });
  const login = { authorization: `Bearer ${token}` };
  const key = await reserved(token);
  const all: Request[] = [
    ...requests.map(([, sent]) => sent(key)),
    ...[{ accept: "text/event-stream" }, { accept: multipart }].map((accept) => ({
      method: "POST",
      headers: { ...json, ...accept },
      body: echo,
    })),
    { method: "POST", headers: { ...json, [tokenHeader]: page }, body: echo },
    { method: "DELETE", headers: { [tokenHeader]: key }, search: `?operationId=${encodeURIComponent(page.repeat(10))}` },
  ];
  const types = new Set<string | undefined>();
  for (const sent of all) {
    const { headers } = await send({ ...sent, headers: { ...login, ...sent.headers } });
    types.add(headers["content-type"]);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(String(headers["content-security-policy"]).split("; ")).toEqual(
      expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]),
    );
  }
  // Operations that are accepted or stopped have no body.
  expect(types).toEqual(
    new Set([
      "application/json; charset=utf-8",
      'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
      "text/event-stream; charset=utf-8",
      "text/plain; charset=utf-8",
      undefined,
    ]),
  );
});
