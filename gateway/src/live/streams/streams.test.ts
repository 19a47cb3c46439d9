import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { encodeId } from "@weft/shared/ids";
import { openStream, type StreamClient, type StreamRequest } from "@weft/testkit/live/stream-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { until } from "@weft/testkit/until";
import { createClient } from "graphql-sse";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { rawRequest } from "../../testing/raw-request.js";
import { startTestGateway } from "../../testing/start-gateway.js";
import type { TestGateway } from "../../testing/start-gateway.js";

const origin = "https://app.example.com";
let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_COOKIE_ORIGINS: origin, LIMIT_SUBSCRIPTIONS_PER_SOCKET: 3, LIMIT_SOCKETS_PER_ADDRESS: 10, LIMIT_SOCKETS_PER_USER: 11 },
  });
});
afterAll(() => weft.stop());

const query = "subscription { requestChanged { cursor request { id } } }";
const tokenHeader = "x-graphql-event-stream-token";

async function sent(request: StreamRequest, search = ""): Promise<StreamClient> {
  const stream = await openStream(`${weft.url}/graphql${search}`, request);
  onTestFinished(() => stream.close());
  return stream;
}
async function reserved(request: StreamRequest): Promise<string> {
  const reservation = await sent({ ...request, method: "PUT", accept: "*/*" });
  await reservation.ended();
  return reservation.text;
}
const metric = async (name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\d+)$`, "m").exec(await (await fetch(`${weft.url}/metrics`)).text())?.[1]);

test("a page of our own can open streams with its cookie, in both modes", async () => {
  const { token, tenantId } = await weft.person();
  const headers = { cookie: `weft_access=${token}`, origin, "apollo-require-preflight": "1" };
  const distinct = await sent({ headers, body: { query } });
  const key = await reserved({ headers });
  const single = await sent({ headers: { origin } }, `?token=${key}`);
  const started = await sent({
    headers: { ...headers, [tokenHeader]: key },
    accept: "*/*",
    body: { query, extensions: { operationId: "1" } },
  });
  expect(started.response.status).toBe(202);
  const { subjectId } = await weft.emit(tenantId);
  for (const stream of [distinct, single]) expect(JSON.stringify(await stream.results(1))).toContain(encodeId("request", subjectId));
});

test.each(["PUT", "POST"])("a %s by cookie without the header that no other page can send is anonymous", async (method) => {
  const { token } = await weft.person();
  const forged = await sent({
    method,
    headers: { cookie: `weft_access=${token}`, origin },
    accept: "*/*",
    ...(method === "POST" && { body: { query: "{ me { id } }" } }),
  });
  await forged.ended();
  expect(forged.text).toContain("UNAUTHENTICATED");
});

test("a subscription that was sent with its hash can be opened by its hash alone", async () => {
  const { token, tenantId } = await weft.person();
  const extensions = { persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(query).digest("hex") } };
  const unknown = await sent({ token, body: { extensions } });
  await unknown.ended();
  expect(unknown.text).toContain("PERSISTED_QUERY_NOT_FOUND");
  const streams = [await sent({ token, body: { query, extensions } }), await sent({ token, body: { extensions } })];
  const { subjectId } = await weft.emit(tenantId);
  for (const stream of streams) expect(JSON.stringify(await stream.results(1))).toContain(encodeId("request", subjectId));
  for (const stream of streams) stream.close();
});

test("a stream has as many subscriptions as a socket", async () => {
  const { token } = await weft.person();
  const key = await reserved({ token });
  await sent({ token }, `?token=${key}`);
  const statuses: number[] = [];
  for (let id = 0; id < 4; id++) {
    const { response } = await sent({
      token,
      accept: "*/*",
      headers: { [tokenHeader]: key },
      body: { query, extensions: { operationId: `${id}` } },
    });
    statuses.push(response.status);
  }
  expect(statuses).toEqual([202, 202, 202, 403]);
});

test("streams count for their user, and others behind the same address have theirs", async () => {
  const { token, tenantId } = await weft.person();
  const open: StreamClient[] = [];
  for (let index = 0; index < 11; index++) open.push(await sent({ token, body: { query } }));
  const refused = await sent({ token, body: { query } });
  await refused.ended();
  expect(refused.text).toContain("LIMIT_EXCEEDED");
  const colleague = await weft.person({ tenantId });
  open.push(await sent({ token: colleague.token, body: { query } }));
  const { subjectId } = await weft.emit(tenantId);
  for (const stream of open) expect(JSON.stringify(await stream.results(1))).toContain(encodeId("request", subjectId));
  for (const stream of open) stream.close();
});

test("open streams are a metric, and ends by the gateway count by their code", async () => {
  const { token, sessionId } = await weft.person();
  await until(async () => (await metric('weft_live_streams{protocol="sse"}')) === 0, { what: "those of other tests are gone" });
  const ended = (await metric('weft_live_closes_total{code="4401"}')) || 0;
  const stream = await sent({ token, body: { query } });
  expect(await metric('weft_live_streams{protocol="sse"}')).toBe(1);
  await weft.sql`update identity.sessions set revoked_at = now() where id = ${sessionId}`;
  await stream.ended();
  await until(async () => (await metric('weft_live_streams{protocol="sse"}')) === 0, { what: "it has ended" });
  expect(await metric('weft_live_closes_total{code="4401"}')).toBe(ended + 1);
});

test("draining ends every stream without an error, so that clients resume elsewhere, and accepts no new ones", async () => {
  const other = await startTestGateway(await cloneDatabase());
  const { token } = await other.person();
  const stream = await openStream(`${other.url}/graphql`, { token, body: { query } });
  // A request that has begun before the drain, and whose body comes during it.
  const late = rawRequest(`${other.url}/graphql`, { token, query });
  await until(() => late.text().includes("100 Continue"), { what: "the gateway waits for the body" });
  const stopped = other.stop();
  await stream.ended();
  expect([stream.events, stream.wasCut]).toEqual([[], false]);
  late.sendBody();
  await until(() => late.text().includes("HTTP/1.1 503"), { what: "it is refused" });
  await stopped;
});

test("an operation that is not stored is counted once, although it is looked at twice", async () => {
  const strict = await startTestGateway(await cloneDatabase(), { settings: { WEFT_STORED_OPERATIONS: "report" } });
  onTestFinished(() => strict.stop());
  const { token, tenantId } = await strict.person();
  const counted = async (): Promise<number> =>
    Number(/weft_unlisted_operations_total\{outcome="run"\} (\d+)/.exec(await (await fetch(`${strict.url}/metrics`)).text())?.[1]);
  const extensions = { persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(query).digest("hex") } };
  // The second one is known only by its hash, so that nobody knows without looking that it is a subscription.
  for (const [index, body] of [{ query, extensions }, { extensions }].entries()) {
    const stream = await openStream(`${strict.url}/graphql`, { token, body });
    await strict.emit(tenantId);
    await stream.results(1);
    expect(await counted()).toBe(index + 1);
  }
});

test("the stock client resumes after a cut with Last-Event-ID, and misses nothing", { tags: "slow" }, async () => {
  const person = await weft.person();
  const { token, tenantId } = person;
  let after: string | undefined;
  let tokens = [await person.sign({ exp: Math.floor(Date.now() / 1_000) + 3 }), token];
  const connected: boolean[] = [];
  const client = createClient({
    url: `${weft.url}/graphql`,
    headers: () => ({ authorization: `Bearer ${tokens[0] ?? token}`, ...(after !== undefined && { "last-event-id": after }) }),
    retry: async () => void (tokens = tokens.slice(1)),
    on: { connected: (isAgain) => connected.push(isAgain) },
  });
  const seen: string[] = [];
  onTestFinished(
    client.subscribe<{ requestChanged: { cursor: string; request: { id: string } } }>(
      { query },
      {
        next: ({ data }) => {
          if (!data) return;
          after = data.requestChanged.cursor;
          seen.push(data.requestChanged.request.id);
        },
        error: () => undefined,
        complete: () => undefined,
      },
    ),
  );
  await until(() => connected.length === 1, { what: "it is connected" });
  const events = [];
  for (let index = 0; index < 40; index++) {
    events.push(await weft.emit(tenantId));
    await delay(100);
  }
  await until(() => seen.length >= events.length, { what: "all events have come" });
  expect(seen).toEqual(events.map(({ subjectId }) => encodeId("request", subjectId)));
  expect(connected).toEqual([false, true]);
});
