import { encodeId, newId } from "@weft/shared/ids";
import { openStream, type StreamClient, type StreamRequest } from "@weft/testkit/live/stream-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { aSecondMs, until } from "@weft/testkit/until";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../../testing/start-gateway.js";
import type { TestGateway } from "../../testing/start-gateway.js";
import { hiddenIds } from "../../testing/subgraphs.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { LIMIT_SOCKETS_PER_USER: 3, LIMIT_SOCKETS_PER_ADDRESS: 60, LIMIT_SOCKETS_PER_TENANT: 4 },
  });
});
afterAll(() => weft.stop());

const query =
  "subscription S($id: ID, $after: String) { requestChanged(id: $id, after: $after) { cursor change request { id owner { name } } } }";

interface Result {
  readonly data: { readonly requestChanged: { readonly cursor: string; readonly request: { readonly id: string } } };
}
const idsOf = (results: readonly unknown[]): string[] => (results as Result[]).map(({ data }) => data.requestChanged.request.id);
const idOf = ({ subjectId }: { readonly subjectId: string }): string => encodeId("request", subjectId);

/** The first ID that a stream has sent. */
const idIn = ({ text }: StreamClient): string | undefined => /^id: (.+)$/m.exec(text)?.[1];

/** Opens a stream that is closed at the end of the test. */
async function streamOf(request: StreamRequest): Promise<StreamClient> {
  const stream = await openStream(`${weft.url}/graphql`, { body: { query }, ...request });
  onTestFinished(() => stream.close());
  return stream;
}

const codesOf = (stream: StreamClient): unknown[] =>
  stream.events.flatMap(
    ({ data }) => (data as { errors?: { extensions: { code: string } }[] })?.errors?.map(({ extensions }) => extensions.code) ?? [],
  );

describe("a stream", () => {
  test("receives each event with its own selection, over two subgraphs, in order", async () => {
    const { tenantId, token } = await weft.person();
    const stream = await streamOf({ token });
    const events = [await weft.emit(tenantId), await weft.emit(tenantId), await weft.emit(tenantId)];
    const results = await stream.results(3);
    expect(idsOf(results)).toEqual(events.map(idOf));
    expect(results[0]).toMatchObject({ data: { requestChanged: { change: "request.created", request: { owner: { name: "Ada" } } } } });
  });

  test("has the cursor of each event as its ID, and resumes with Last-Event-ID after exactly that event", async () => {
    const { tenantId, token } = await weft.person();
    const first = await streamOf({ token });
    await weft.emit(tenantId);
    const [result] = (await first.results(1)) as Result[];
    expect(first.events[0]?.id).toBe(result?.data.requestChanged.cursor);
    first.close();
    const missed = [await weft.emit(tenantId), await weft.emit(tenantId)];
    const second = await streamOf({ token, headers: { "last-event-id": String(first.events[0]?.id) } });
    missed.push(await weft.emit(tenantId));
    expect(idsOf(await second.results(3))).toEqual(missed.map(idOf));
  });

  test("that is cut off before its first event resumes with the ID of its beginning", async () => {
    const { tenantId, token } = await weft.person();
    const first = await streamOf({ token });
    await until(() => idIn(first) !== undefined, { what: "it has an ID" });
    first.close();
    const missed = await weft.emit(tenantId);
    const second = await streamOf({ token, headers: { "last-event-id": String(idIn(first)) } });
    expect(idsOf(await second.results(1))).toEqual([idOf(missed)]);
    expect(first.events).toEqual([]);
  });

  test("says when it has caught up if it is asked with GET, too", async () => {
    const { token } = await weft.person();
    const extensions = encodeURIComponent(JSON.stringify({ livePings: true }));
    const stream = await openStream(`${weft.url}/graphql?query=${encodeURIComponent(query)}&extensions=${extensions}`, { token });
    onTestFinished(() => stream.close());
    await until(() => stream.events.some(({ event }) => event === "live"), { what: "it says so" });
  });

  test("resumes after Last-Event-ID even if the address still has the cursor of its beginning, as EventSource sends it", async () => {
    const { tenantId, token } = await weft.person();
    const first = await streamOf({ token });
    const [, second] = [await weft.emit(tenantId), await weft.emit(tenantId), await weft.emit(tenantId)];
    const cursors = ((await first.results(3)) as Result[]).map(({ data }) => data.requestChanged.cursor);
    first.close();
    const resumed = await streamOf({
      token,
      body: { query, variables: { after: cursors[0] } },
      headers: { "last-event-id": String(cursors[1]) },
    });
    const later = await weft.emit(tenantId);
    expect(second).toBeDefined();
    const results = await resumed.results(2);
    expect(idsOf(results)[1]).toBe(idOf(later));
    expect((results[0] as Result).data.requestChanged.cursor).toBe(cursors[2]);
  });

  test("refuses a Last-Event-ID of another tenant, or an edited one", async () => {
    const [ada, bob] = [await weft.person(), await weft.person()];
    const hers = await streamOf({ token: ada.token });
    await weft.emit(ada.tenantId);
    await hers.results(1);
    for (const id of [String(hers.events[0]?.id), "AAAA"]) {
      const his = await streamOf({ token: bob.token, headers: { "last-event-id": id } });
      await his.ended();
      expect([codesOf(his), his.events.at(-1)?.event]).toEqual([["BAD_USER_INPUT"], "complete"]);
    }
  });

  test("can be opened with GET and the token in the header", async () => {
    const { tenantId, token } = await weft.person();
    const stream = await openStream(`${weft.url}/graphql?query=${encodeURIComponent(query)}`, { token });
    onTestFinished(() => stream.close());
    const event = await weft.emit(tenantId);
    expect(idsOf(await stream.results(1))).toEqual([idOf(event)]);
  });

  test("passes through proxies that buffer, and is neither cached nor compressed", async () => {
    const { token } = await weft.person();
    const { response } = await streamOf({ token, headers: { "accept-encoding": "gzip" } });
    expect(
      Object.fromEntries(["cache-control", "x-accel-buffering", "content-encoding"].map((name) => [name, response.headers.get(name)])),
    ).toEqual({
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
      "content-encoding": null,
    });
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-request-id")).toEqual(expect.any(String));
  });

  test("is refused with the code for an object that is not visible", async () => {
    const { token } = await weft.person();
    const hidden = newId();
    hiddenIds.add(encodeId("request", hidden));
    const stream = await streamOf({ token, body: { query, variables: { id: encodeId("request", hidden) } } });
    await stream.ended();
    expect(codesOf(stream)).toEqual(["NOT_FOUND"]);
  });

  test("is refused without a login, and with a token that is not valid", async () => {
    const anonymous = await streamOf({});
    await anonymous.ended();
    expect([anonymous.response.status, codesOf(anonymous)]).toEqual([200, ["UNAUTHENTICATED"]]);
    const forged = await streamOf({ token: "a.b.c" });
    expect(forged.response.status).toBe(401);
  });

  test("is not logged in by the cookie of a page of another origin, nor by one with GET", async () => {
    const { token } = await weft.person();
    const cookie = `weft_access=${token}`;
    const own = { origin: weft.url, "apollo-require-preflight": "1" };
    const forged = await streamOf({ headers: { cookie } });
    await forged.ended();
    expect(codesOf(forged)).toEqual(["UNAUTHENTICATED"]);
    const linked = await openStream(`${weft.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { cookie, ...own } });
    await linked.ended();
    expect(codesOf(linked)).toEqual(["UNAUTHENTICATED"]);
    const foreign = await streamOf({ headers: { cookie, origin: "https://evil.example", "apollo-require-preflight": "1" } });
    expect(foreign.response.status).toBe(403);
  });
});

describe("a stream ends within a second, says why, and nothing follows", () => {
  const revoke = {
    logout: ({ sessionId }: { sessionId: string; userId: string; tenantId: string }) =>
      weft.sql`update identity.sessions set revoked_at = now() where id = ${sessionId}`,
    suspension: ({ tenantId }: { tenantId: string }) =>
      weft.sql`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenantId}`,
  };
  test.each(Object.entries(revoke))("after %s", async (_what, end) => {
    const person = await weft.person();
    const stream = await streamOf({ token: person.token });
    await end(person);
    await stream.ended(aSecondMs);
    expect(codesOf(stream)).toEqual(["UNAUTHENTICATED"]);
    expect(stream.events.at(-1)?.event).toBe("complete");
    await weft.emit(person.tenantId);
    expect(stream.events).toHaveLength(2);
  });

  test("when the rights change: it can be resumed, so it is not complete", async () => {
    const { token, userId } = await weft.person();
    const stream = await streamOf({ token });
    await weft.sql`update identity.users set rights_version = rights_version + 1 where id = ${userId}`;
    await stream.ended(aSecondMs);
    expect(stream.events).toMatchObject([
      { event: "next", data: { errors: [{ extensions: { code: "UNAUTHENTICATED", closeCode: 4403 } }] } },
    ]);
  });

  test("when the token expires", async () => {
    const person = await weft.person();
    const stream = await streamOf({ token: await person.sign({ exp: Math.floor(Date.now() / 1_000) + 2 }) });
    await stream.ended(2_000 + aSecondMs);
    expect(codesOf(stream)).toEqual(["UNAUTHENTICATED"]);
  });
});

describe("the number of streams is limited", () => {
  test("per user and tenant, together with sockets, and a closed one makes room", async () => {
    const person = await weft.person();
    const open = [
      await streamOf({ token: person.token }),
      await streamOf({ token: person.token }),
      await streamOf({ token: person.token }),
    ];
    const fourth = await streamOf({ token: person.token });
    await fourth.ended();
    expect(codesOf(fourth)).toEqual(["LIMIT_EXCEEDED"]);
    const other = await weft.person({ tenantId: person.tenantId });
    await streamOf({ token: other.token });
    const fifth = await streamOf({ token: other.token });
    await fifth.ended();
    expect(codesOf(fifth)).toEqual(["LIMIT_EXCEEDED"]);
    open[0]?.close();
    const hasRoom = async (): Promise<boolean> => {
      const next = await streamOf({ token: person.token });
      const { subjectId } = await weft.emit(person.tenantId);
      const [result] = await next.results(1);
      return JSON.stringify(result).includes(encodeId("request", subjectId));
    };
    await until(hasRoom, { what: "another stream has the place, and the event" });
  });
});
