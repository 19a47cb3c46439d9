import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SettingName } from "@weft/platform/config";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

const origin = "https://app.example.com";
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];
/** Time that bodies have to arrive. */
const bodyTimeoutMs = 150;
const none = "00000000-0000-0000-0000-000000000000";
/** A path of each part of the gateway. */
const ofAllParts = ["/graphql", "/session/refresh", "/notifications/unsubscribe", "/oauth/token", "/scim/v2/Users", `/files/${none}`];
const inFlight = 100;

/** The paths of all routes, with a value for each parameter. */
async function withPaths<T>(start: () => Promise<T>): Promise<{ readonly started: T; readonly paths: readonly string[] }> {
  const paths = new Set<string>(["/no-such-path"]);
  const onInstance = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook("onRoute", ({ url }) => void paths.add(url.replace(/:\w+/g, none).replace("*", "Users")));
  };
  subscribe("fastify.initialization", onInstance);
  try {
    const started = await start();
    return { started, paths: [...paths].sort() };
  } finally {
    unsubscribe("fastify.initialization", onInstance);
  }
}

const body = JSON.stringify({ query: "{ greeting }", refreshToken: "x" });
const head = (line: string, headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, "Host: localhost", `Origin: ${origin}`, "Apollo-Require-Preflight: 1", "Connection: close", ...headers, "", ""].join(
    "\r\n",
  );
const sized = (length: number, type = "application/json"): string[] => [`Content-Type: ${type}`, `Content-Length: ${length}`];
const chunked = (type = "application/json"): string[] => [`Content-Type: ${type}`, "Transfer-Encoding: chunked"];
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="];
const large = "x".repeat(50_000);

interface Sent {
  readonly what: string;
  readonly parts: (line: string) => readonly string[];
  /** Whether every route answers, so that the answer is waited for, however long the machine takes. */
  readonly isAnswered?: boolean;
  /** Whether the client leaves after the last part, instead of waiting for the server. */
  readonly isCut?: boolean;
}

const requests: readonly Sent[] = [
  { what: "without a body", parts: (line) => [head(line, [])], isAnswered: true },
  { what: "whole", parts: (line) => [head(line, [...sized(body.length)]) + body], isAnswered: true },
  { what: "a form", parts: (line) => [head(line, [...sized(3, "application/x-www-form-urlencoded")]) + "a=b"] },
  { what: "not JSON", parts: (line) => [head(line, [...sized(5)]) + "{ \xff }"] },
  { what: "in chunks", parts: (line) => [head(line, [...chunked()]) + chunk(body) + chunk("")] },
  { what: "of an unknown type", parts: (line) => [head(line, [...chunked("x/y")]) + chunk(body) + chunk("")] },
  { what: "slow", parts: (line) => [head(line, sized(body.length)) + body.slice(0, 9)] },
  { what: "slow, in chunks", parts: (line) => [head(line, chunked()) + chunk("{")] },
  { what: "slow, of an unknown type", parts: (line) => [head(line, chunked("x/y")) + chunk("{")] },
  { what: "cut before its end", parts: (line) => [head(line, sized(body.length)) + body.slice(0, 9)], isCut: true },
  { what: "cut in chunks", parts: (line) => [head(line, chunked()) + chunk("{")], isCut: true },
  { what: "cut in chunks of an unknown type", parts: (line) => [head(line, chunked("x/y")) + chunk("{")], isCut: true },
  { what: "cut before the answer", parts: (line) => [head(line, sized(body.length)) + body], isCut: true },
  { what: "cut in the head", parts: (line) => [`${line} HTTP/1.1\r\nHost: loc`], isCut: true },
  { what: "announced too large", parts: (line) => [head(line, sized(1_000_000_000)) + "{"] },
  { what: "too large", parts: (line) => [head(line, sized(4 * large.length)), large, large, large, large] },
  { what: "too large in chunks", parts: (line) => [head(line, chunked()), chunk(large), chunk(large), chunk(large), chunk("")] },
  {
    what: "too large in chunks of an unknown type",
    parts: (line) => [head(line, chunked("x/y")), chunk(large), chunk(large), chunk(large), chunk("")],
  },
  { what: "compressed", parts: (line) => [head(line, ["Content-Encoding: gzip", ...sized(5)]) + "12345"] },
  { what: "twice at once", parts: (line) => [(head(line, sized(body.length)) + body).repeat(2)] },
  {
    what: "with odd headers",
    parts: (line) => [
      head(line, [
        "Connection: close",
        "Cookie: weft_refresh=%; a",
        "Range: bytes=9-1",
        "X-Request-Id: \xff",
        "Traceparent: -",
        "Accept: \xff",
        "Authorization: Basic %%%",
        "If-None-Match: \xff",
      ]),
    ],
  },
  { what: "an upgrade", parts: (line) => [head(line, upgrade)], isCut: true },
  {
    what: "an upgrade with a message that is not valid",
    parts: (line) => [head(line, [...upgrade, "Sec-WebSocket-Protocol: graphql-transport-ws"]) + "\xff\xff\xff"],
  },
  { what: "an upgrade with a body", parts: (line) => [head(line, [...upgrade, ...sized(1_000)]) + "{"], isCut: true },
];

/** Sends a request as bytes. Resolves when the server, or the client, has closed the connection. */
async function send(url: string, line: string, { parts, isCut = false, isAnswered = false }: Sent): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  let answer = "";
  socket.on("data", (data) => (answer += data.toString("latin1")));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  // Some connections stay open: WebSockets, and those of a request whose body is not read.
  socket.setTimeout(isAnswered ? 30_000 : 3 * bodyTimeoutMs, () => socket.destroy());
  for (const part of parts(line)) await new Promise((resolve) => socket.write(Buffer.from(part, "latin1"), resolve));
  if (isCut) setImmediate(() => socket.destroy());
  await closed;
  return answer;
}

/** Calls `run` for each item, with a bounded number at the same time. */
async function forEach<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (const item of left) await run(item);
    }),
  );
}

describe.each<[when: string, isRefusing: boolean, settings: Partial<Record<SettingName, number>>]>([
  [
    "when requests without a login are answered",
    false,
    { LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 1_000_000, LIMIT_ANONYMOUS_BYTES_PER_MINUTE: 1_000_000_000 },
  ],
  ["when requests without a login are refused", true, { LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 1 }],
])("F26, A64: %s", (_when, isRefusing, settings) => {
  let weft: TestGateway;
  let paths: readonly string[];
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);

  beforeAll(async () => {
    process.on("uncaughtException", note).on("unhandledRejection", note);
    const folder = join(tmpdir(), "weft-no-such-folder");
    ({ started: weft, paths } = await withPaths(async () =>
      startTestGateway(await cloneDatabase(), {
        settings: {
          LIMIT_CONNECTIONS_PER_ADDRESS: 10_000,
          LIMIT_BODY_BYTES: 100_000,
          LIMIT_ANONYMOUS_BODY_BYTES: 20_000,
          WEFT_COOKIE_ORIGINS: origin,
          ...settings,
        },
        gateway: () => ({ bodyTimeoutMs, docsSite: folder, consoleSite: folder, outbox: folder, receiver: () => [] }),
      }),
    ));
  });
  afterAll(async () => {
    process.off("uncaughtException", note).off("unhandledRejection", note);
    await weft.stop();
  });

  test("the routes include all parts of the gateway", () => expect(paths).toEqual(expect.arrayContaining(ofAllParts)));

  test(
    "no request to any route ends the process, by whatever method, and however it is sent, and all that are refused say when to try again",
    { tags: "slow", timeout: 300_000 },
    async () => {
      const refused: { readonly line: string; readonly retryAfter: string | undefined }[] = [];
      const lines = paths.flatMap((path) => methods.map((method) => `${method} ${path}`));
      await forEach(
        lines.flatMap((line) => requests.map((request) => ({ line, request }))),
        async ({ line, request }) => {
          const answer = await send(weft.url, line, request);
          if (answer.startsWith("HTTP/1.1 429 ")) refused.push({ line, retryAfter: /^retry-after: (.*)\r$/im.exec(answer)?.[1] });
        },
      );
      // The timers of the requests before it have run, too.
      const slow = await send(weft.url, "POST /graphql", { what: "slow", parts: (line) => [head(line, sized(9))], isAnswered: true });
      expect(slow).toMatch(/^HTTP\/1\.1 4/);
      expect(uncaught).toEqual([]);
      expect(refused.filter(({ retryAfter = "" }) => !/^[1-9]\d*$/.test(retryAfter))).toEqual([]);
      if (isRefusing) {
        expect([...new Set(refused.map(({ line }) => line.split(" ")[1]))]).toEqual(expect.arrayContaining(ofAllParts));
      }
      expect((await fetch(`${weft.url}/health/live`)).status).toBe(200);
    },
  );
});
