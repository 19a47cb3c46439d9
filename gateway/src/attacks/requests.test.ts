/** A15: requests that are not one operation in JSON, over each transport. */
import { gzipSync } from "node:zlib";
import { openLive } from "@weft/testkit/live/live-client";
import { openStream } from "@weft/testkit/live/stream-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import WebSocket from "ws";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { LIMIT_BODY_BYTES: 100_000, LIMIT_SOCKETS_PER_USER: 100, WEFT_DRAIN_TIMEOUT_MS: 500 },
  });
});
afterAll(() => weft.stop());

const tokenHeader = "x-graphql-event-stream-token";
const json = { "content-type": "application/json" };
const operation = { query: "subscription { requestChanged { cursor } }", extensions: { operationId: "1" } };

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

const refused: readonly (readonly [what: string, status: number, sent: Sent])[] = [
  ["a batch", 400, { headers: json, body: JSON.stringify([operation, operation]) }],
  [
    "a form",
    415,
    { headers: { "content-type": "application/x-www-form-urlencoded" }, body: `query=${encodeURIComponent(operation.query)}` },
  ],
  ["a form with parts", 415, { headers: { "content-type": "multipart/form-data; boundary=x" }, body: "--x--\r\n" }],
  ["plain text", 415, { headers: { "content-type": "text/plain" }, body: JSON.stringify(operation) }],
  ["the text of the operation alone", 415, { headers: { "content-type": "application/graphql" }, body: operation.query }],
  ["another charset", 415, { headers: { "content-type": "application/json; charset=utf-16" }, body: JSON.stringify(operation) }],
  ["two content types", 415, { headers: { "content-type": "text/plain, application/json" }, body: JSON.stringify(operation) }],
  ["bytes that are not UTF-8", 400, { headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) }],
  [
    "a compressed body",
    415,
    { headers: { ...json, "content-encoding": "gzip" }, body: new Uint8Array(gzipSync(JSON.stringify(operation))) },
  ],
  ["a compressed bomb", 415, { headers: { ...json, "content-encoding": "gzip" }, body: new Uint8Array(gzipSync(" ".repeat(10_000_000))) }],
  ["a body that is too large", 413, { headers: json, body: " ".repeat(100_001) }],
  ["broken JSON", 400, { headers: json, body: "{" }],
];

const accepted = [
  ["server-sent events", { accept: "text/event-stream" }],
  ["a multipart response", { accept: "multipart/mixed;subscriptionSpec=1.0, application/json" }],
] as const;

/** Sends a request, and returns its status and the code of its first error, whether it is in an event or in the body. */
async function answerTo(
  headers: Readonly<Record<string, string>>,
  { headers: more, body }: Sent,
): Promise<readonly [status: number, code: unknown]> {
  const response = await fetch(`${weft.url}/graphql`, { method: "POST", headers: { ...headers, ...more }, body });
  const text = (await response.text()).replace(/^event: next\ndata: /, "").split("\n\n")[0] ?? "";
  const { errors } = JSON.parse(text) as { errors?: { extensions: { code: string } }[] };
  return [response.status, errors?.[0]?.extensions.code];
}

describe.each(accepted)("A15: a request for %s", (_transport, accept) => {
  test.each(refused)("is refused: %s", async (_what, status, sent) => {
    const { token } = await weft.person();
    const [actual, code] = await answerTo({ authorization: `Bearer ${token}`, ...accept }, sent);
    // The protocol of server-sent events reports what is wrong with the operation by an event.
    expect([actual, code]).toEqual([actual === 200 && status === 400 ? 200 : status, "BAD_REQUEST"]);
    expect(await (await fetch(`${weft.url}/metrics`)).text()).not.toMatch(/^weft_live_subscriptions [1-9]/m);
  });
});

describe("A15: a request to a reserved stream", () => {
  test.each(refused)("is refused: %s", async (_what, status, sent) => {
    const { token } = await weft.person();
    const reservation = await openStream(`${weft.url}/graphql`, { token, method: "PUT", accept: "*/*" });
    await reservation.ended();
    const stream = await openStream(`${weft.url}/graphql`, { token, headers: { [tokenHeader]: reservation.text } });
    onTestFinished(() => stream.close());
    expect(await answerTo({ authorization: `Bearer ${token}`, [tokenHeader]: reservation.text }, sent)).toEqual([status, "BAD_REQUEST"]);
    expect(await (await fetch(`${weft.url}/metrics`)).text()).not.toMatch(/^weft_live_subscriptions [1-9]/m);
  });
});

describe("A15: a mutation by GET", () => {
  const search = `?query=${encodeURIComponent('mutation { rename(name: "x") }')}`;
  test.each([
    ["for server-sent events", search, { accept: "text/event-stream" }],
    ["for a multipart response", search, { accept: "multipart/mixed;subscriptionSpec=1.0, application/json" }],
    ["that claims to be a POST", search, { "x-http-method-override": "POST" }],
    [
      "after a query of the document",
      `?query=${encodeURIComponent('query A { greeting } mutation B { rename(name: "x") }')}&operationName=B`,
      { accept: "text/event-stream" },
    ],
  ])("is refused with 405 %s", async (_what, parameters, headers: Record<string, string>) => {
    const { token } = await weft.person();
    const response = await fetch(`${weft.url}/graphql${parameters}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    expect(await response.text()).not.toContain('"data"');
  });

  test("is not run with the token of a stream, which only opens the stream", async () => {
    const { token } = await weft.person();
    const reservation = await openStream(`${weft.url}/graphql`, { token, method: "PUT", accept: "*/*" });
    await reservation.ended();
    const extensions = encodeURIComponent('{"operationId":"1"}');
    const stream = await openStream(`${weft.url}/graphql${search}&extensions=${extensions}&token=${reservation.text}`, { token });
    onTestFinished(() => stream.close());
    const started = await openStream(`${weft.url}/graphql`, {
      token,
      accept: "*/*",
      headers: { [tokenHeader]: reservation.text },
      body: { query: "{ greeting }", extensions: { operationId: "2" } },
    });
    expect(started.response.status).toBe(202);
    expect(await stream.results(1)).toMatchObject([{ id: "2", payload: { data: { greeting: "hello world" } } }]);
  });
});

describe("A15: over WebSocket", () => {
  test.each<[what: string, outcome: unknown, payload: unknown]>([
    ["a batch", 4400, [operation, operation]],
    ["a query that is no text", 4400, { query: { kind: "Document" } }],
    ["variables that are a text", 4400, { query: "{ greeting }", variables: "{}" }],
    ["extensions that are a text", 4400, { query: "{ greeting }", extensions: "{}" }],
    ["a name of the operation that is too long", "BAD_REQUEST", { query: "{ greeting }", operationName: "x".repeat(201) }],
  ])("the payload %s is refused", async (_what, outcome, payload) => {
    const { token } = await weft.person();
    const client = await openLive(weft.url, { token });
    onTestFinished(() => client.close());
    client.send({ type: "subscribe", id: "1", payload });
    await until(() => client.closeCode ?? client.messages.find(({ id }) => id === "1"), { what: "it is refused" });
    const errors = client.messages.find(({ type }) => type === "error")?.payload as { extensions: { code: string } }[] | undefined;
    expect(client.closeCode ?? errors?.[0]?.extensions.code).toBe(outcome);
  });

  test("no compression is agreed on, so no message can be a compressed bomb", async () => {
    const socket = new WebSocket(`${weft.url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws", { perMessageDeflate: true });
    onTestFinished(() => socket.terminate());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("open", resolve).once("error", reject);
    await promise;
    expect(socket.extensions).toBe("");
  });
});
