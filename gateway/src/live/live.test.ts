import { encodeId, newId } from "@weft/shared/ids";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openLive } from "@weft/testkit/live/live-client";
import type { LiveClient } from "@weft/testkit/live/live-client";
import { aSecondMs } from "@weft/testkit/until";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../testing/start-gateway.js";
import { answered, failures, hiddenIds } from "../testing/subgraphs.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: {
      LIMIT_SUBSCRIPTIONS_PER_SOCKET: 5,
      LIMIT_SOCKETS_PER_USER: 4,
      LIMIT_SOCKETS_PER_TENANT: 6,
      LIMIT_SOCKETS_PER_ADDRESS: 30,
      WEFT_TRUSTED_PROXIES: "127.0.0.1",
    },
  });
});
afterAll(() => weft.stop());

const open: LiveClient[] = [];
/** Opens a socket that is closed at the end of the test. */
async function socketOf(options: Parameters<typeof openLive>[1] = {}): Promise<LiveClient> {
  const client = await openLive(weft.url, options);
  open.push(client);
  return client;
}
beforeEach(() => () => {
  for (const client of open.splice(0)) client.close();
  failures.left = 0;
});

const query =
  "subscription S($id: ID, $after: String) { requestChanged(id: $id, after: $after) { cursor change request { id owner { name } } } }";
const subscribe = (client: LiveClient, id: string, variables: Record<string, unknown> = {}, text = query): void =>
  client.send({ type: "subscribe", id, payload: { query: text, variables } });

interface Payload {
  readonly data: {
    readonly requestChanged: {
      readonly cursor: string;
      readonly change: string;
      readonly request: { readonly id: string; readonly owner: { readonly name: string } };
    };
  };
}
const idsOf = (payloads: readonly unknown[]): string[] => (payloads as Payload[]).map(({ data }) => data.requestChanged.request.id);

/** A round trip over the socket: everything sent before it has been processed. */
async function settled(client: LiveClient): Promise<void> {
  const id = newId();
  client.send({ type: "subscribe", id, payload: { query: "{ greeting }" } });
  await client.message((message) => message.type === "complete" && message.id === id);
}

describe("a subscription", () => {
  test("receives each event with its own selection, over two subgraphs, in order", async () => {
    const { tenantId, token } = await weft.person();
    const client = await socketOf({ token });
    subscribe(client, "1");
    await settled(client);
    const events = [await weft.emit(tenantId), await weft.emit(tenantId), await weft.emit(tenantId)];
    const payloads = await client.payloads("1", 3);
    expect(idsOf(payloads)).toEqual(events.map(({ subjectId }) => encodeId("request", subjectId)));
    expect(payloads[0]).toMatchObject({ data: { requestChanged: { change: "request.created", request: { owner: { name: "Ada" } } } } });
  });

  test("receives no events of another tenant or that its arguments exclude", async () => {
    const [ada, bob] = [await weft.person(), await weft.person()];
    const wanted = newId();
    const client = await socketOf({ token: ada.token });
    subscribe(client, "1", { id: encodeId("request", wanted) });
    await settled(client);
    await weft.emit(bob.tenantId, { subjectId: wanted });
    await weft.emit(ada.tenantId);
    await weft.emit(ada.tenantId, { subjectId: wanted });
    expect(idsOf(await client.payloads("1", 1))).toEqual([encodeId("request", wanted)]);
    expect(client.messages.filter(({ type }) => type === "next" || type === "error")).toHaveLength(2);
  });

  test("is refused at once with NOT_FOUND if its object is not visible, and receives nothing once the object is no longer visible", async () => {
    const { tenantId, token } = await weft.person();
    const client = await socketOf({ token });
    const [hidden, seen] = [newId(), newId()];
    hiddenIds.add(encodeId("request", hidden));
    subscribe(client, "hidden", { id: encodeId("request", hidden) });
    expect(await client.message(({ id }) => id === "hidden")).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "NOT_FOUND" } }],
    });
    subscribe(client, "seen", { id: encodeId("request", seen) });
    await settled(client);
    await weft.emit(tenantId, { subjectId: seen });
    await client.payloads("seen", 1);
    hiddenIds.add(encodeId("request", seen));
    await weft.emit(tenantId, { subjectId: seen });
    const other = await weft.emit(tenantId);
    subscribe(client, "all");
    await settled(client);
    const last = await weft.emit(tenantId);
    expect(idsOf(await client.payloads("all", 1))).toEqual([encodeId("request", last.subjectId)]);
    expect(idsOf(await client.payloads("seen", 1))).not.toContain(encodeId("request", other.subjectId));
    expect(client.messages.filter(({ id }) => id === "seen")).toHaveLength(1);
  });

  test("resumes with its cursor and receives every later event once, then continues", async () => {
    const { tenantId, token } = await weft.person();
    const first = await socketOf({ token });
    subscribe(first, "1");
    await settled(first);
    await weft.emit(tenantId);
    const [payload] = (await first.payloads("1", 1)) as unknown as Payload[];
    first.close();
    const missed = [];
    for (let index = 0; index < 120; index++) missed.push(await weft.emit(tenantId));
    const second = await socketOf({ token });
    subscribe(second, "1", { after: payload?.data.requestChanged.cursor });
    missed.push(await weft.emit(tenantId), await weft.emit(tenantId));
    const ids = idsOf(await second.payloads("1", missed.length, 30_000));
    expect(ids).toEqual(missed.map(({ subjectId }) => encodeId("request", subjectId)));
  });

  test("tells a client that asked for it when it has caught up, with a cursor from which nothing is missed or repeated", async () => {
    const { tenantId, token } = await weft.person();
    const first = await socketOf({ token });
    subscribe(first, "1");
    await settled(first);
    await weft.emit(tenantId);
    const [payload] = (await first.payloads("1", 1)) as unknown as Payload[];
    expect(first.messages.filter(({ type }) => type === "ping")).toEqual([]);
    for (let index = 0; index < 120; index++) await weft.emit(tenantId);
    const second = await socketOf({ token, init: { livePings: true } });
    subscribe(second, "1", { after: payload?.data.requestChanged.cursor });
    const isPing = ({ type }: { readonly type: string }) => type === "ping";
    const { payload: ping } = await second.message(isPing, 30_000);
    const before = second.messages.slice(0, second.messages.findIndex(isPing)).filter(({ type }) => type === "next");
    expect(before.length).toBe(120);
    const last = before.at(-1)?.payload as Payload;
    expect(ping).toEqual({ live: "1", cursor: last.data.requestChanged.cursor });
    const later = await weft.emit(tenantId);
    const third = await socketOf({ token, init: { livePings: true } });
    subscribe(third, "1", { after: (ping as { cursor: string }).cursor });
    expect(idsOf(await third.payloads("1", 1))).toEqual([encodeId("request", later.subjectId)]);
    expect(second.messages.filter(isPing).length).toBe(1);
  });

  test("misses nothing if messages are lost: it reads the log on the next message or when polling", { tags: "slow" }, async () => {
    const { tenantId, token } = await weft.person();
    const client = await socketOf({ token });
    subscribe(client, "1");
    await settled(client);
    const events = [
      await weft.emit(tenantId),
      await weft.emit(tenantId, { isPublished: false }),
      await weft.emit(tenantId, { isPublished: false }),
      await weft.emit(tenantId),
    ];
    await client.payloads("1", 4);
    events.push(await weft.emit(tenantId, { isPublished: false }));
    const announced = events.at(-1);
    await weft.pubsub.publish("events", JSON.stringify({ ...announced }));
    await weft.pubsub.publish("events", JSON.stringify({ ...announced }));
    await client.payloads("1", 5);
    events.push(await weft.emit(tenantId, { isPublished: false }));
    expect(idsOf(await client.payloads("1", 6, 15_000))).toEqual(events.map(({ subjectId }) => encodeId("request", subjectId)));
  });

  test("accepts only cursors of its own tenant", async () => {
    const [ada, bob] = [await weft.person(), await weft.person()];
    const hers = await socketOf({ token: ada.token });
    subscribe(hers, "1");
    await settled(hers);
    await weft.emit(ada.tenantId);
    const [payload] = (await hers.payloads("1", 1)) as unknown as Payload[];
    const his = await socketOf({ token: bob.token });
    for (const after of [payload?.data.requestChanged.cursor, "AAAA", ""]) {
      const id = newId();
      subscribe(his, id, { after });
      expect(await his.message((message) => message.id === id)).toMatchObject({
        type: "error",
        payload: [{ extensions: { code: "BAD_USER_INPUT" } }],
      });
    }
  });

  test("survives a short outage of the database", async () => {
    const { tenantId, token } = await weft.person();
    const client = await socketOf({ token });
    subscribe(client, "1");
    await settled(client);
    failures.left = 2;
    await weft.emit(tenantId);
    expect(await client.payloads("1", 1)).toMatchObject([{ data: { requestChanged: { change: "request.created" } } }]);
  });

  test("is closed with 1013 instead of skipping an event that cannot be answered", { tags: "slow" }, async () => {
    const { tenantId, token } = await weft.person();
    const client = await socketOf({ token });
    subscribe(client, "1");
    await settled(client);
    failures.left = 1_000;
    await weft.emit(tenantId);
    expect(await client.closed(5_000)).toBe(1013);
    expect(client.messages.filter(({ id }) => id === "1")).toEqual([]);
  });

  test("runs once per event for equal subscriptions of one session, and separately for other sessions", async () => {
    const ada = await weft.person();
    const bob = await weft.person({ tenantId: ada.tenantId });
    const sockets = [await socketOf({ token: ada.token }), await socketOf({ token: ada.token }), await socketOf({ token: bob.token })];
    for (const client of sockets) {
      subscribe(client, "1");
      subscribe(client, "2");
      await settled(client);
    }
    answered.count = 0;
    await weft.emit(ada.tenantId);
    for (const client of sockets) for (const id of ["1", "2"]) await client.payloads(id, 1);
    expect(answered.count).toBe(2);
  });

  test("can be written with fragments, aliases and variables", async () => {
    const { tenantId, token } = await weft.person();
    const client = await socketOf({ token });
    const text = `subscription S($at: ID, $after: String, $with: Boolean!) { ...root }
      fragment root on Subscription { changed: requestChanged(id: $at, after: $after) { ...what } }
      fragment what on RequestChanged { change request @include(if: $with) { id } }`;
    subscribe(client, "1", { with: true }, text);
    await settled(client);
    const event = await weft.emit(tenantId);
    expect(await client.payloads("1", 1)).toEqual([
      { data: { changed: { change: "request.created", request: { id: encodeId("request", event.subjectId) } } } },
    ]);
  });
});

describe("a socket is closed when its rights end", () => {
  const withSubscription = async (person: TestPerson): Promise<LiveClient> => {
    const client = await socketOf({ token: person.token });
    subscribe(client, "1");
    await settled(client);
    return client;
  };
  /** Closed within a second, and silent although events continue. */
  const endsWith = async (client: LiveClient, tenantId: string): Promise<number> => {
    const code = await client.closed(aSecondMs);
    const seen = client.messages.length;
    await weft.emit(tenantId);
    expect(client.messages).toHaveLength(seen);
    return code;
  };

  test("the session is revoked: 4401, by the periodic check alone", async () => {
    const person = await weft.person();
    const client = await withSubscription(person);
    await weft.sql`update identity.sessions set revoked_at = now() where id = ${person.sessionId}`;
    expect(await endsWith(client, person.tenantId)).toBe(4401);
  });

  test("the user is disabled or the tenant suspended: 4401", async () => {
    const [disabled, suspended] = [await weft.person(), await weft.person()];
    const [one, two] = [await withSubscription(disabled), await withSubscription(suspended)];
    await weft.sql`update identity.users set status = 'DISABLED' where id = ${disabled.userId}`;
    await weft.sql`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${suspended.tenantId}`;
    expect(await endsWith(one, disabled.tenantId)).toBe(4401);
    expect(await endsWith(two, suspended.tenantId)).toBe(4401);
  });

  test("a revocation message closes it immediately", async () => {
    const revoke = ({ sessionId }: TestPerson) => weft.sql`update identity.sessions set revoked_at = now() where id = ${sessionId}`;
    // Takes the fastest of several runs, to exclude other load on the machine.
    let fastest = Infinity;
    for (let turn = 0; turn < 5 && fastest > 250; turn++) {
      const [swept, person] = [await weft.person(), await weft.person()];
      const [first, client] = [await withSubscription(swept), await withSubscription(person)];
      await revoke(swept);
      expect(await first.closed(aSecondMs)).toBe(4401);
      // The sweep has just run, and runs again in half a second.
      await revoke(person);
      const started = performance.now();
      await weft.pubsub.publish("revocations", JSON.stringify({ tenantId: person.tenantId, sessionId: person.sessionId }));
      expect(await client.closed()).toBe(4401);
      fastest = Math.min(fastest, performance.now() - started);
    }
    expect(fastest).toBeLessThan(250);
  });

  test("without the message the log shows the change: no event after the change is sent under the earlier rights", async () => {
    const person = await weft.person();
    const client = await withSubscription(person);
    await weft.sql`update identity.users set rights_version = rights_version + 1 where id = ${person.userId}`;
    await weft.emit(person.tenantId, { type: "rights.changed", subjectId: person.userId });
    const { subjectId } = await weft.emit(person.tenantId);
    expect(await client.closed()).toBe(4403);
    expect(JSON.stringify(client.messages)).not.toContain(encodeId("request", subjectId));
  });

  test("the rights change or the token expires: 4403, so that the client reconnects", { tags: "slow" }, async () => {
    const [changed, expiring] = [await weft.person(), await weft.person()];
    const one = await withSubscription(changed);
    await weft.sql`update identity.users set rights_version = rights_version + 1 where id = ${changed.userId}`;
    expect(await endsWith(one, changed.tenantId)).toBe(4403);
    const two = await withSubscription({ ...expiring, token: await expiring.sign({ exp: Math.ceil(Date.now() / 1_000 + 1.5) }) });
    expect(await two.closed(aSecondMs + 1_000)).toBe(4403);
  });

  test("an expired, forged or missing token opens no socket", async () => {
    const person = await weft.person();
    const cases = [
      [{ authorization: `Bearer ${await person.sign({ exp: 1 })}` }, 4403],
      [{ authorization: `Bearer ${await person.sign({ iss: "elsewhere" })}` }, 4401],
      [{ authorization: "Bearer nonsense" }, 4401],
      [{ authorization: 7 }, 4401],
      [{}, 4401],
      [undefined, 4401],
    ] as const;
    for (const [payload, code] of cases) {
      const client = await socketOf();
      client.send({ type: "connection_init", payload });
      expect(await client.closed()).toBe(code);
    }
  });
});

describe("violations of the protocol", () => {
  test.each([
    ["a silent client", 4408, () => undefined],
    ["a subscription before connection_init", 4401, (client: LiveClient) => subscribe(client, "1")],
    ["broken JSON", 4400, (client: LiveClient) => client.sendRaw("{")],
    ["an unknown message type", 4400, (client: LiveClient) => client.send({ type: "destroy" })],
    ["binary messages", 4400, (client: LiveClient) => client.sendRaw(Buffer.from('{"type":"ping"}'))],
    ["a message that is too large", 1009, (client: LiveClient) => client.sendRaw(`"${"x".repeat(300_000)}"`)],
    ["a flood of messages", 4429, (client: LiveClient) => Array.from({ length: 300 }, () => client.send({ type: "ping" }))],
  ])("%s is closed with %i", { tags: "slow" }, async (_what, code, abuse) => {
    const client = await socketOf();
    abuse(client);
    expect(await client.closed(5_000)).toBe(code);
  });

  test("a second connection_init is closed with 4429, a duplicate id with 4409, and another protocol is refused", async () => {
    const { token } = await weft.person();
    const twice = await socketOf({ token });
    twice.send({ type: "connection_init", payload: {} });
    expect(await twice.closed()).toBe(4429);
    const same = await socketOf({ token });
    subscribe(same, "1");
    subscribe(same, "1");
    expect(await same.closed()).toBe(4409);
    // The handshake itself fails: ws does not accept a response without a protocol.
    await expect(socketOf({ protocol: "graphql-ws" })).rejects.toThrow("no subprotocol");
  });

  test("the limits of operations apply as over HTTP", async () => {
    const { token } = await weft.person();
    const client = await socketOf({ token });
    const answerTo = async (text: string): Promise<unknown> => {
      const id = newId();
      subscribe(client, id, {}, text);
      const { payload } = await client.message((message) => message.id === id);
      return (payload as { extensions?: unknown }[])[0]?.extensions;
    };
    expect(await answerTo(`{ ${"x { ".repeat(50)} y ${"}".repeat(50)} }`)).toMatchObject({ code: "QUERY_LIMIT_EXCEEDED", limit: "depth" });
    expect(await answerTo(`{ ${"x ".repeat(5_000)} }`)).toMatchObject({ code: "QUERY_LIMIT_EXCEEDED", limit: "tokens" });
    expect(await answerTo('mutation { login(password: "a") again: login(password: "b") }')).toMatchObject({ limit: "authentications" });
    expect(await answerTo("subscription { requestChanged { change } again: requestChanged { change } }")).toMatchObject({
      code: "GRAPHQL_VALIDATION_FAILED",
    });
    expect(await answerTo("{ nothing }")).toMatchObject({ code: "GRAPHQL_VALIDATION_FAILED" });
    expect(await answerTo("{ greeting")).toMatchObject({ code: "GRAPHQL_PARSE_FAILED" });
    const bad = newId();
    client.send({ type: "subscribe", id: bad, payload: { query: "query ($d: JSON) { echo(data: $d) }", variables: { d: "a\u0000" } } });
    expect(await client.message(({ id }) => id === bad)).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "BAD_USER_INPUT" } }],
    });
  });

  test("a burst of subscriptions is limited to the maximum, and ended subscriptions free their place", async () => {
    const { tenantId, token } = await weft.person();
    const client = await socketOf({ token });
    for (let index = 0; index < 8; index++) subscribe(client, `s${index}`);
    const refused = await Promise.all(["s5", "s6", "s7"].map((id) => client.message((message) => message.id === id)));
    for (const message of refused)
      expect(message).toMatchObject({ type: "error", payload: [{ extensions: { code: "LIMIT_EXCEEDED", used: 5, allowed: 5 } }] });
    // Until it has started, a subscription keeps its place, whatever the client sends in the meantime.
    await weft.emit(tenantId);
    await Promise.all(["s0", "s1", "s2", "s3", "s4"].map((id) => client.payloads(id, 1)));
    for (let index = 0; index < 5; index++) client.send({ type: "complete", id: `s${index}` });
    subscribe(client, "again");
    await weft.emit(tenantId);
    await client.payloads("again", 1);
  });

  test("sockets are limited by user and by tenant, and closed sockets free their place", async () => {
    const ada = await weft.person();
    const bob = await weft.person({ tenantId: ada.tenantId });
    const hers = await Promise.all(Array.from({ length: 4 }, () => socketOf({ token: ada.token })));
    await expect(socketOf({ token: ada.token })).rejects.toThrow("close 4429");
    await Promise.all(Array.from({ length: 2 }, () => socketOf({ token: bob.token })));
    await expect(socketOf({ token: bob.token })).rejects.toThrow("close 4429");
    hers[0]?.close();
    await hers[0]?.closed();
    await expect
      .poll(
        () =>
          socketOf({ token: ada.token }).then(
            () => "open",
            () => "refused",
          ),
        { timeout: 20_000 },
      )
      .toBe("open");
  });

  test("a third-party page, another path and too many sockets of one address are refused before the upgrade", async () => {
    await expect(openLive(weft.url, { headers: { origin: "https://evil.example" } })).rejects.toThrow("403");
    const { token } = await weft.person();
    (await openLive(weft.url, { token, headers: { origin: "http://localhost:5173" } })).close();
    await expect(openLive(`${weft.url}/x`)).rejects.toThrow("404");
    const sockets = await Promise.allSettled(Array.from({ length: 40 }, () => socketOf()));
    expect(sockets.filter(({ status }) => status === "rejected").length).toBeGreaterThanOrEqual(10);
    // One machine can have 2^64 IPv6 addresses.
    const many = Array.from({ length: 40 }, (_, n) => socketOf({ headers: { "x-forwarded-for": `2001:db8::${n + 1}` } }));
    expect((await Promise.allSettled(many)).filter(({ status }) => status === "rejected").length).toBe(10);
    for (const socket of open.splice(0)) socket.close();
    await expect
      .poll(
        () =>
          socketOf().then(
            () => "open",
            () => "refused",
          ),
        { timeout: 20_000 },
      )
      .toBe("open");
  });
});

test("draining tells every socket to reconnect elsewhere, and accepts no new sockets", async () => {
  const other = await startTestGateway(await cloneDatabase());
  const { token } = await other.person();
  const client = await openLive(other.url, { token });
  await other.stop();
  expect(await client.closed()).toBe(1012);
  await expect(openLive(other.url, { token })).rejects.toThrow();
});
