/** A36: forged forwarding headers, requests that hide another one, and connections that are slow on purpose, over each transport. */
import { once } from "node:events";
import { transports } from "@weft/testkit/live/over-all-transports";
import { answerOver } from "@weft/testkit/live/transports";
import { openStream } from "@weft/testkit/live/stream-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawConnection } from "../testing/raw-request.js";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_SOCKETS_PER_USER: 100, WEFT_DRAIN_TIMEOUT_MS: 500 } });
});
afterAll(() => weft.stop());

test.each(transports)("A36: forged forwarding headers do not change the address of the client over %s", async (transport) => {
  const { token } = await weft.person();
  const headers = {
    "x-forwarded-for": "203.0.113.9",
    "x-real-ip": "203.0.113.9",
    forwarded: "for=203.0.113.9",
    "cf-connecting-ip": "203.0.113.9",
  };
  const answer = await answerOver(transport, { url: weft.url, token, headers, body: { query: "{ whoAmI }" } });
  expect(answer.data).toMatchObject({ whoAmI: { address: "127.0.0.1" } });
});

type Head = readonly [what: string, method: string, headers: readonly string[]];

/** The method and the headers of each request of a stream. */
const heads: readonly Head[] = [
  ["for server-sent events", "POST", ["accept: text/event-stream", "content-type: application/json"]],
  ["for a multipart response", "POST", ["accept: multipart/mixed;subscriptionSpec=1.0", "content-type: application/json"]],
  ["for a reservation", "PUT", []],
  ["for an operation of a reserved stream", "POST", ["x-graphql-event-stream-token: KEY", "content-type: application/json"]],
  ["for the end of an operation", "DELETE", ["x-graphql-event-stream-token: KEY"]],
];
const smuggled = "GET /graphql?query={smuggled} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

async function reserved(token: string): Promise<string> {
  const reservation = await openStream(`${weft.url}/graphql`, { token, method: "PUT", accept: "*/*" });
  await reservation.ended();
  return reservation.text;
}

/** Sends the head of a request with these headers in addition, and more bytes. */
async function sendHead([, method, headers]: Head, more: readonly string[], rest = "") {
  const { token } = await weft.person();
  const key = await reserved(token);
  const connection = rawConnection(weft.url);
  const lines = [`${method} /graphql?operationId=1 HTTP/1.1`, "host: 127.0.0.1", `authorization: Bearer ${token}`, ...headers, ...more];
  connection.socket.write(`${lines.join("\r\n").replace("KEY", key)}\r\n\r\n${rest}`);
  return connection;
}

describe.each(heads)("A36: a request %s", (...head) => {
  test.each([
    ["a length and chunks", ["content-length: 5", "transfer-encoding: chunked"], `0\r\n\r\n${smuggled}`],
    ["two lengths", ["content-length: 2", "content-length: 70"], `{}${smuggled}`],
    ["an encoding that hides that it has chunks", ["transfer-encoding: xchunked", "content-length: 2"], `{}${smuggled}`],
    ["a length that is no number", ["content-length: +2"], `{}${smuggled}`],
  ])("with %s is refused, and what follows is not a request", async (_what, headers, rest) => {
    const { socket, text } = await sendHead(head, headers, rest);
    if (!socket.destroyed) await once(socket, "close", { signal: AbortSignal.timeout(10_000) });
    expect(text()).toMatch(/^HTTP\/1.1 400 /);
    expect(text().match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(text()).not.toContain("smuggled");
  });

  test("with a header of 100 KB is refused with 431", async () => {
    const { socket, text } = await sendHead(head, [`x: ${"x".repeat(100_000)}`]);
    if (!socket.destroyed) await once(socket, "close", { signal: AbortSignal.timeout(10_000) });
    expect(text()).toMatch(/^HTTP\/1.1 431 /);
  });
});

test("A36: requests for streams whose body or head never ends are cut off", { tags: "slow", timeout: 40_000 }, async () => {
  const slow = await Promise.all(heads.map((head) => sendHead(head, ["content-length: 50"], "{")));
  const half = rawConnection(weft.url);
  half.socket.write("POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\nx-graphql-event-stream-tok");
  const drip = setInterval(() => {
    for (const { socket } of [...slow, half]) if (socket.writable) socket.write(" ");
  }, 500);
  const closed = [...slow, half].map(({ socket }) => once(socket, "close", { signal: AbortSignal.timeout(30_000) }));
  await Promise.all(closed).finally(() => clearInterval(drip));
  expect(await (await fetch(`${weft.url}/metrics`)).text()).not.toMatch(/^weft_live_subscriptions [1-9]/m);
});
