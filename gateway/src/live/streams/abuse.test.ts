/** A34: clients that violate the protocol of streams over HTTP. Those of WebSockets are in `live.test.ts`. */
import { openStream, type StreamClient, type StreamRequest } from "@weft/testkit/live/stream-client";
import { openLive } from "@weft/testkit/live/live-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: {
      LIMIT_SOCKETS_PER_USER: 5,
      LIMIT_SOCKETS_PER_TENANT: 8,
      LIMIT_SUBSCRIPTIONS_PER_SOCKET: 5,
      LIMIT_BODY_BYTES: 100_000,
      WEFT_DRAIN_TIMEOUT_MS: 500,
    },
  });
});
afterAll(() => weft.stop());

const query = "subscription { requestChanged { cursor } }";
const tokenHeader = "x-graphql-event-stream-token";

async function sent(request: StreamRequest, search = ""): Promise<StreamClient> {
  const stream = await openStream(`${weft.url}/graphql${search}`, request);
  onTestFinished(() => stream.close());
  return stream;
}
/** Sends a request, and reads its whole response. */
async function answered(request: StreamRequest, search = ""): Promise<StreamClient> {
  const response = await sent({ accept: "*/*", ...request }, search);
  await response.ended();
  return response;
}
const reserve = ({ token }: Pick<TestPerson, "token">): Promise<StreamClient> => answered({ token, method: "PUT" });
const start = ({ token }: Pick<TestPerson, "token">, key: string, operationId: unknown, text = query): Promise<StreamClient> =>
  answered({ token, headers: { [tokenHeader]: key }, body: { query: text, extensions: { operationId } } });
const stop = ({ token }: Pick<TestPerson, "token">, key: string, operationId: string): Promise<StreamClient> =>
  answered({ token, method: "DELETE", headers: { [tokenHeader]: key } }, `?operationId=${encodeURIComponent(operationId)}`);
const open = ({ token }: Pick<TestPerson, "token">, key: string): Promise<StreamClient> => sent({ token, headers: { [tokenHeader]: key } });
const statusOf = ({ response }: StreamClient): number => response.status;
const codeOf = ({ text }: StreamClient): unknown =>
  (JSON.parse(text) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

describe("A34: a flood", () => {
  test("of reservations is refused at the user's limit, which sockets and streams share, and at the tenant's", async () => {
    const ada = await weft.person();
    const bob = await weft.person({ tenantId: ada.tenantId });
    const socket = await openLive(weft.url, { token: ada.token });
    onTestFinished(() => socket.close());
    await sent({ token: ada.token, body: { query } });
    const hers = await Promise.all(Array.from({ length: 20 }, () => reserve(ada)));
    expect(hers.filter((reservation) => statusOf(reservation) === 201)).toHaveLength(3);
    for (const refused of hers.filter((reservation) => statusOf(reservation) !== 201)) expect(codeOf(refused)).toBe("LIMIT_EXCEEDED");
    const his = await Promise.all(Array.from({ length: 20 }, () => reserve(bob)));
    expect(his.filter((reservation) => statusOf(reservation) === 201)).toHaveLength(3);
    expect(statusOf(await reserve(await weft.person()))).toBe(201);
  });

  test("of operations in a reserved stream that is never opened is refused at the limit of a stream", async () => {
    const ada = await weft.person();
    const { text: key } = await reserve(ada);
    const started = await Promise.all(Array.from({ length: 20 }, (_, id) => start(ada, key, `${id}`)));
    expect(started.filter((operation) => statusOf(operation) === 202)).toHaveLength(5);
    for (const refused of started.filter((operation) => statusOf(operation) !== 202)) expect(codeOf(refused)).toBe("LIMIT_EXCEEDED");
  });

  test("of the same ID starts one operation", async () => {
    const ada = await weft.person();
    const { text: key } = await reserve(ada);
    const started = await Promise.all(Array.from({ length: 4 }, () => start(ada, key, "same")));
    expect(started.map(statusOf).toSorted((one, other) => one - other)).toEqual([202, 409, 409, 409]);
    const stream = await open(ada, key);
    await weft.emit(ada.tenantId);
    await stream.results(1);
    expect(stream.events).toHaveLength(1);
  });

  test("of requests to open one reservation opens one stream", async () => {
    const ada = await weft.person();
    const { text: key } = await reserve(ada);
    const streams = await Promise.all(Array.from({ length: 5 }, () => open(ada, key)));
    expect(streams.map(statusOf).toSorted((one, other) => one - other)).toEqual([200, 409, 409, 409, 409]);
  });

  test("of operations that are started and stopped leaves nothing behind", async () => {
    const ada = await weft.person();
    const { text: key } = await reserve(ada);
    const stream = await open(ada, key);
    for (let turn = 0; turn < 10; turn++) {
      await Promise.all([start(ada, key, `a${turn}`), start(ada, key, `b${turn}`)]);
      await Promise.all([stop(ada, key, `a${turn}`), stop(ada, key, `b${turn}`)]);
    }
    for (let id = 0; id < 5; id++) expect(statusOf(await start(ada, key, `${id}`))).toBe(202);
    await weft.emit(ada.tenantId);
    expect((await stream.results(5)).map((result) => (result as { id: string }).id).sort()).toEqual(["0", "1", "2", "3", "4"]);
  });
});

describe("A34: a stream of somebody else", () => {
  test.each<[who: string, other: (owner: TestPerson) => Promise<TestPerson>]>([
    ["a colleague", ({ tenantId }) => weft.person({ tenantId })],
    ["a user of another tenant", () => weft.person()],
  ])("cannot be opened, used or stopped by %s, and is as unknown as one that was never reserved", async (_who, other) => {
    const owner = await weft.person();
    const stranger = await other(owner);
    const [{ text: key }, { text: unopened }] = [await reserve(owner), await reserve(owner)];
    const stream = await open(owner, key);
    await start(owner, key, "1");
    const tries = (token: string) => [
      start(stranger, token, "x"),
      stop(stranger, token, "1"),
      answered({ token: stranger.token, accept: "text/event-stream", headers: { [tokenHeader]: token } }),
    ];
    const shown = ({ response, text }: StreamClient) => [response.status, text.replace(/"requestId":"[^"]*"/, "")];
    const foreign = (await Promise.all(tries(key))).map(shown);
    expect(foreign).toEqual((await Promise.all(tries("x".repeat(43)))).map(shown));
    expect(foreign.map(([status]) => status)).toEqual([404, 404, 404]);
    expect((await Promise.all(tries(unopened))).map(shown)).toEqual(foreign);
    await weft.emit(owner.tenantId);
    expect(await stream.results(1)).toMatchObject([{ id: "1" }]);
    expect(statusOf(await open(owner, unopened))).toBe(200);
  });

  test("cannot be used by another session of its user", async () => {
    const owner = await weft.person();
    const { text: key } = await reserve(owner);
    const sessionId = owner.tenantId;
    await weft.sql`insert into identity.sessions (tenant_id, id, user_id, expires_at) values (${owner.tenantId}, ${sessionId}, ${owner.userId}, now() + interval '1 hour')`;
    expect(statusOf(await start({ token: await owner.sign({ sid: sessionId }) }, key, "1"))).toBe(404);
  });

  test("cannot be used without a login, even with its token", async () => {
    const owner = await weft.person();
    const { text: key } = await reserve(owner);
    const headers = { [tokenHeader]: key };
    const tries = [
      answered({ headers, body: { query, extensions: { operationId: "1" } } }),
      answered({ method: "DELETE", headers }, "?operationId=1"),
      answered({ method: "PUT" }),
    ];
    expect((await Promise.all(tries)).map(statusOf)).toEqual([401, 401, 401]);
  });
});

describe("A34: a request that violates the protocol", () => {
  test.each<[what: string, status: number, request: (key: string) => StreamRequest, search?: string]>([
    ["an operation without an ID", 400, () => ({ body: { query } })],
    ["an ID that is empty", 400, () => ({ body: { query, extensions: { operationId: "" } } })],
    ["an ID that is no text", 400, () => ({ body: { query, extensions: { operationId: { toString: "x" } } } })],
    ["an ID that is too long", 400, () => ({ body: { query, extensions: { operationId: "x".repeat(201) } } })],
    ["extensions that are no object", 400, () => ({ body: { query, extensions: "operationId" } })],
    ["a batch", 400, () => ({ body: [{ query, extensions: { operationId: "1" } }] })],
    ["broken JSON", 400, () => ({ rawBody: '{"query":' })],
    ["a body that is too large", 413, () => ({ body: { query, variables: { x: "x".repeat(100_000) }, extensions: { operationId: "1" } } })],
    ["no token to stop with", 400, () => ({ headers: { [tokenHeader]: "" }, method: "DELETE" }), "?operationId=1"],
    ["no operation to stop", 400, () => ({ method: "DELETE" })],
    ["two operations to stop", 400, () => ({ method: "DELETE" }), "?operationId=1&operationId=2"],
    ["a token that is too long", 404, () => ({ method: "DELETE", headers: { [tokenHeader]: "x".repeat(10_000) } }), "?operationId=1"],
    ["PATCH", 405, () => ({ method: "PATCH" })],
  ])("is refused, and leaves the stream as it was: %s", async (_what, status, request, search = "") => {
    const ada = await weft.person();
    const { text: key } = await reserve(ada);
    const stream = await open(ada, key);
    await start(ada, key, "stays");
    const { headers, ...rest } = request(key);
    const refused = await answered({ token: ada.token, ...rest, headers: { [tokenHeader]: key, ...headers } }, search);
    expect([statusOf(refused), codeOf(refused)]).toEqual([status, "BAD_REQUEST"]);
    await weft.emit(ada.tenantId);
    expect(await stream.results(1)).toMatchObject([{ id: "stays" }]);
  });

  test("an ID with line breaks and the end of a message cannot forge an event", async () => {
    const ada = await weft.person();
    const { text: key } = await reserve(ada);
    const stream = await open(ada, key);
    const id = '1"}\n\nevent: next\ndata: {"id":"forged"}\n\n\r\u2028';
    await start(ada, key, id, "{ greeting }");
    await until(() => stream.events.length === 2, { what: "it is complete" });
    expect(stream.events).toMatchObject([
      { event: "next", data: { id, payload: { data: { greeting: "hello world" } } } },
      { event: "complete", data: { id } },
    ]);
  });

  test("text with line breaks in a result cannot forge an event or a part", async () => {
    const { token } = await weft.person();
    const name = "x\r\n\r\nevent: complete\r\ndata:\r\n\r\n--graphql--\r\n\u2028";
    const body = { query: "query ($name: String) { greeting(name: $name) }", variables: { name } };
    const stream = await sent({ token, body });
    await stream.ended();
    expect(stream.events).toMatchObject([{ event: "next", data: { data: { greeting: `hello ${name}` } } }, { event: "complete" }]);
  });

  test("a giant Last-Event-ID is refused like an edited one, and one beyond the limit of headers with 431", async () => {
    const ada = await weft.person();
    const { text: key } = await reserve(ada);
    const resume = (id: string, headers = {}) =>
      answered({
        token: ada.token,
        accept: "text/event-stream",
        headers: { "last-event-id": id, ...headers },
        body: { query, extensions: { operationId: "1" } },
      });
    const [edited, giant] = [await resume("A".repeat(40)), await resume("A".repeat(12_000))];
    for (const { events } of [edited, giant])
      expect(events).toMatchObject([
        { event: "next", data: { errors: [{ extensions: { code: "BAD_USER_INPUT" } }] } },
        { event: "complete" },
      ]);
    expect(giant.text.length).toBeLessThan(1_000);
    const shared = await resume("A".repeat(12_000), { [tokenHeader]: key });
    expect([statusOf(shared), codeOf(shared), shared.text.length < 1_000]).toEqual([400, "BAD_USER_INPUT", true]);
    expect(statusOf(await resume("A".repeat(100_000)))).toBe(431);
  });
});
