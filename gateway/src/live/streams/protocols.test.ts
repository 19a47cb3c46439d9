/**
 * What the documents of both protocols over HTTP say, a test for each statement, in the order of the documents:
 * https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md and
 * https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
 */
import { encodeId } from "@weft/shared/ids";
import { openStream, type StreamClient, type StreamRequest } from "@weft/testkit/live/stream-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

const query = "subscription { requestChanged { cursor request { id } } }";
const invalid = "subscription { requestChanged { nothing } }";
const tokenHeader = "x-graphql-event-stream-token";
const idOf = ({ subjectId }: { readonly subjectId: string }): string => encodeId("request", subjectId);

async function sent(request: StreamRequest, search = ""): Promise<StreamClient> {
  const stream = await openStream(`${weft.url}/graphql${search}`, request);
  onTestFinished(() => stream.close());
  return stream;
}

describe("GraphQL over SSE, distinct connections mode", () => {
  test.each([
    ["a subscription", query],
    ["a query", "{ greeting }"],
    ["an operation that is not valid", invalid],
    ["a text that cannot be parsed", "{"],
  ])("MUST: the Content-Type is always text/event-stream: of %s", async (_what, text) => {
    const { token } = await weft.person();
    const { response } = await sent({ token, body: { query: text } });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  });

  test.each([
    ["validation", { query: invalid }, "GRAPHQL_VALIDATION_FAILED"],
    ["parsing", { query: "subscription {" }, "GRAPHQL_PARSE_FAILED"],
    ["an unknown operation", { query, operationName: "Other" }, "OPERATION_RESOLUTION_FAILURE"],
    ["variables", { query: "subscription ($id: ID!) { requestChanged(id: $id) { cursor } }" }, "BAD_USER_INPUT"],
    ["the request", {}, "BAD_REQUEST"],
  ])("MUST: errors before the execution are reported by a next event: of %s", async (_what, body, code) => {
    const { token } = await weft.person();
    const stream = await sent({ token, body });
    await stream.ended();
    expect(stream.events).toMatchObject([{ event: "next", data: { errors: [{ extensions: { code } }] } }, { event: "complete" }]);
  });

  test("the client ends a subscription by closing the connection, which frees its places", async () => {
    const { token } = await weft.person();
    const stream = await sent({ token, body: { query } });
    const running = async (): Promise<string> =>
      /^weft_live_subscriptions (\d+)$/m.exec(await (await fetch(`${weft.url}/metrics`)).text())?.[1] ?? "";
    const before = Number(await running());
    stream.close();
    await until(async () => Number(await running()) < before, { what: "the subscription has ended" });
  });

  test("next: the data is the result of the execution", async () => {
    const { tenantId, token } = await weft.person();
    const stream = await sent({ token, body: { query } });
    const event = await weft.emit(tenantId);
    expect(await stream.results(1)).toMatchObject([{ data: { requestChanged: { request: { id: idOf(event) } } } }]);
  });

  test("complete: follows all results of an operation that ends", async () => {
    const { token } = await weft.person();
    const stream = await sent({ token, body: { query: "{ greeting }" } });
    await stream.ended();
    expect(stream.events).toEqual([
      { event: "next", id: undefined, data: { data: { greeting: "hello world" } } },
      { event: "complete", id: undefined, data: undefined },
    ]);
  });
});

/** Reserves a stream. */
async function reserved(token: string): Promise<string> {
  const reservation = await sent({ token, method: "PUT", accept: "*/*" });
  await reservation.ended();
  expect(reservation.response.status).toBe(201);
  return reservation.text;
}

/** Starts an operation in a reserved stream. */
const start = (stream: string, token: string | undefined, body: object): Promise<StreamClient> =>
  sent({ token, accept: "*/*", headers: { [tokenHeader]: stream }, body });
const operation = (operationId: string, text = query): object => ({ query: text, extensions: { operationId } });
const stop = (stream: string, token: string, search: string): Promise<StreamClient> =>
  sent({ token, accept: "*/*", method: "DELETE", headers: { [tokenHeader]: stream } }, search);

/** A stream that is open, its token, and its user. */
async function singleStream(
  person?: TestPerson,
): Promise<{ readonly person: TestPerson; readonly key: string; readonly stream: StreamClient }> {
  const owner = person ?? (await weft.person());
  const key = await reserved(owner.token);
  return { person: owner, key, stream: await sent({ token: owner.token, headers: { [tokenHeader]: key } }) };
}

describe("GraphQL over SSE, single connection mode", () => {
  test("a reservation with PUT is answered with 201 and a token that nobody can guess", async () => {
    const { token } = await weft.person();
    const [one, other] = [await reserved(token), await reserved(token)];
    expect(one).toMatch(/^[\w-]{43}$/);
    expect(one).not.toBe(other);
  });

  test("the token opens the stream from a header, or from the address without a login, as EventSource sends it", async () => {
    const { stream, key } = await singleStream();
    expect([stream.response.status, stream.response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    const { token } = await weft.person();
    const other = await sent({}, `?token=${await reserved(token)}`);
    expect(other.response.status).toBe(200);
    expect(key).not.toBe("");
  });

  test("MUST: there are never several connections behind one reservation", async () => {
    const { person, key, stream } = await singleStream();
    const second = await sent({ token: person.token, headers: { [tokenHeader]: key } });
    await second.ended();
    expect(second.response.status).toBe(409);
    stream.close();
    await until(async () => (await sent({ token: person.token, headers: { [tokenHeader]: key } })).response.status === 404, {
      what: "the token is used up",
    });
  });

  test("results go through the stream, with the ID of their operation; the request itself is accepted", async () => {
    const { person, key, stream } = await singleStream();
    const answers = [await start(key, person.token, operation("one")), await start(key, person.token, operation("two"))];
    expect(answers.map(({ response }) => response.status)).toEqual([202, 202]);
    const event = await weft.emit(person.tenantId);
    const results = (await stream.results(2)) as { id: string; payload: object }[];
    expect(results.map(({ id }) => id).sort()).toEqual(["one", "two"]);
    expect(results[0]?.payload).toMatchObject({ data: { requestChanged: { request: { id: idOf(event) } } } });
  });

  test("a query is answered through the stream, and completes with its ID", async () => {
    const { person, key, stream } = await singleStream();
    await start(key, person.token, operation("q", "{ greeting }"));
    await until(() => stream.events.length === 2, { what: "it is complete" });
    expect(stream.events).toMatchObject([
      { event: "next", data: { id: "q", payload: { data: { greeting: "hello world" } } } },
      { event: "complete", data: { id: "q" } },
    ]);
  });

  test("what happens between the reservation and the stream is sent once the stream is open", async () => {
    const person = await weft.person();
    const key = await reserved(person.token);
    await start(key, person.token, operation("early"));
    const event = await weft.emit(person.tenantId);
    const stream = await sent({ token: person.token, headers: { [tokenHeader]: key } });
    expect(await stream.results(1)).toMatchObject([
      { id: "early", payload: { data: { requestChanged: { request: { id: idOf(event) } } } } },
    ]);
  });

  test.each([
    ["an operation that is not valid", operation("x", invalid), 400],
    ["no ID", { query }, 400],
    ["an ID of another operation", operation("taken"), 409],
  ])("problems of a request are its own answer: %s", async (_what, body, status) => {
    const { person, key, stream } = await singleStream();
    await start(key, person.token, operation("taken"));
    const refused = await start(key, person.token, body);
    await refused.ended();
    expect(refused.response.status).toBe(status);
    expect((JSON.parse(refused.text) as { errors: unknown[] }).errors).toHaveLength(1);
    await weft.emit(person.tenantId);
    await stream.results(1);
    expect(stream.events).toMatchObject([{ event: "next", data: { id: "taken", payload: { data: {} } } }]);
  });

  test("DELETE with the ID stops an operation, and no other", async () => {
    const { person, key, stream } = await singleStream();
    await start(key, person.token, operation("stays"));
    await start(key, person.token, operation("goes"));
    expect((await stop(key, person.token, "?operationId=goes")).response.status).toBe(200);
    expect((await stop(key, person.token, "")).response.status).toBe(400);
    await weft.emit(person.tenantId);
    await weft.emit(person.tenantId);
    expect(((await stream.results(2)) as { id: string }[]).map(({ id }) => id)).toEqual(["stays", "stays"]);
  });

  test("an ID can be used again at once after DELETE, and the new operation stays", async () => {
    const { person, key, stream } = await singleStream();
    for (let times = 0; times < 5; times++) {
      const starting = start(key, person.token, operation("x"));
      const stopping = stop(key, person.token, "?operationId=x");
      await Promise.all([starting, stopping]);
      await stop(key, person.token, "?operationId=x");
    }
    expect((await start(key, person.token, operation("x"))).response.status).toBe(202);
    const event = await weft.emit(person.tenantId);
    const results = await stream.results(1);
    expect(results).toMatchObject([{ id: "x", payload: { data: { requestChanged: { request: { id: idOf(event) } } } } }]);
    const last = await weft.emit(person.tenantId);
    expect((await stream.results(2))[1]).toMatchObject({ payload: { data: { requestChanged: { request: { id: idOf(last) } } } } });
  });

  test("a stream belongs to the login that has reserved it", async () => {
    const { person, key, stream } = await singleStream();
    const other = await weft.person({ tenantId: person.tenantId });
    const refused = [
      await start(key, other.token, operation("x")),
      await stop(key, other.token, "?operationId=x"),
      await sent({ token: other.token, headers: { [tokenHeader]: await reserved(person.token) } }),
    ];
    expect(refused.map(({ response }) => response.status)).toEqual([404, 404, 404]);
    expect((await start(key, undefined, operation("x"))).response.status).toBe(401);
    await start(key, person.token, operation("own"));
    await weft.emit(person.tenantId);
    await stream.results(1);
    expect(stream.events).toMatchObject([{ event: "next", data: { id: "own" } }]);
  });

  test("each operation is told why, and completed, when the session ends", async () => {
    const { person, key, stream } = await singleStream();
    await start(key, person.token, operation("one"));
    await start(key, person.token, operation("two"));
    await weft.sql`update identity.sessions set revoked_at = now() where id = ${person.sessionId}`;
    await stream.ended();
    expect(stream.events).toMatchObject(
      ["one", "two"].flatMap((id) => [
        { event: "next", data: { id, payload: { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] } } },
        { event: "complete", data: { id } },
      ]),
    );
    expect((await start(key, (await weft.person()).token, operation("x"))).response.status).toBe(404);
  });
});

const acceptMultipart = 'multipart/mixed;subscriptionSpec="1.0", application/json';
/** The bodies of the parts so far, without heartbeats. */
const partsOf = ({ text }: StreamClient): unknown[] =>
  text
    .split("\r\n--graphql")
    .slice(1, -1)
    .map((part) => {
      const [head, body] = part.split("\r\n\r\n");
      expect(head?.toLowerCase()).toBe("\r\ncontent-type: application/json");
      return JSON.parse(body ?? "") as unknown;
    })
    .filter((part) => JSON.stringify(part) !== "{}");

describe("multipart subscriptions", () => {
  const open = async (token: string, text = query, accept = acceptMultipart): Promise<StreamClient> =>
    sent({ token, accept, body: { query: text } });

  test.each([
    'multipart/mixed;subscriptionSpec="1.0", application/json',
    "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json;q=0.9",
  ])("a client asks for them with Accept: %s", async (accept) => {
    const { token } = await weft.person();
    const { response } = await open(token, query, accept);
    expect(response.headers.get("content-type")).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
  });

  test("over HTTP/1.1, the response is chunked", async () => {
    const { token } = await weft.person();
    const { response } = await open(token);
    expect(response.headers.get("transfer-encoding")).toBe("chunked");
  });

  test("each result is a part of the content type application/json, in the property payload", async () => {
    const { tenantId, token } = await weft.person();
    const stream = await open(token);
    const events = [await weft.emit(tenantId), await weft.emit(tenantId)];
    await until(() => partsOf(stream).length === 2, { what: "there are two parts" });
    expect(partsOf(stream)).toMatchObject(
      events.map((event) => ({ payload: { data: { requestChanged: { request: { id: idOf(event) } } } } })),
    );
  });

  test("GraphQL errors are in the payload", async () => {
    const { token } = await weft.person();
    const stream = await open(token, invalid);
    await stream.ended();
    expect(partsOf(stream)).toMatchObject([{ payload: { errors: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }] } }]);
    expect(stream.text.endsWith("\r\n--graphql--\r\n")).toBe(true);
  });

  test("a fatal error has the payload null and errors without locations and path, and ends the response", async () => {
    const { token, sessionId } = await weft.person();
    const stream = await open(token);
    await weft.sql`update identity.sessions set revoked_at = now() where id = ${sessionId}`;
    await stream.ended();
    const [part] = partsOf(stream) as { payload: unknown; errors: Record<string, unknown>[] }[];
    expect(part).toMatchObject({ payload: null, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    expect(Object.keys(part?.errors[0] ?? {}).sort()).toEqual(["extensions", "message"]);
    expect(stream.text.endsWith("\r\n--graphql--\r\n")).toBe(true);
  });

  test("queries of the same client are answered as usual", async () => {
    const { token } = await weft.person();
    const stream = await open(token, "{ greeting }");
    await stream.ended();
    expect([stream.response.headers.get("content-type"), JSON.parse(stream.text)]).toEqual([
      "application/json; charset=utf-8",
      { data: { greeting: "hello world" } },
    ]);
  });

  test("a multipart response of another kind is not one", async () => {
    const { token } = await weft.person();
    const stream = await open(token, query, "multipart/mixed, application/json");
    await stream.ended();
    expect(JSON.parse(stream.text)).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
  });
});
