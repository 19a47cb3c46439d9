import { DatabasePositions } from "@weft/platform/consistency";
import { encodeId } from "@weft/shared/ids";
import { type LiveClient, openLive } from "@weft/testkit/live/live-client";
import { openStream } from "@weft/testkit/live/stream-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../testing/start-gateway.js";
import { consistencyTokens } from "./tokens.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { WEFT_CONSISTENCY_WAIT_MS: 400 } });
});
afterAll(() => weft.stop());

async function socketOf({ token }: Pick<TestPerson, "token">): Promise<LiveClient> {
  const client = await openLive(weft.url, { token, init: { livePings: true } });
  onTestFinished(() => client.close());
  return client;
}

const query = "subscription ($after: String) { requestChanged(after: $after) { cursor request { id } } }";
const subscribe = (
  client: LiveClient,
  id: string,
  { consistency, variables = {} }: { consistency?: unknown; variables?: object } = {},
): void =>
  client.send({ type: "subscribe", id, payload: { query, variables, ...(consistency !== undefined && { extensions: { consistency } }) } });

interface Payload {
  readonly data: { readonly requestChanged: { readonly cursor: string; readonly request: { readonly id: string } } };
  readonly extensions?: { readonly consistency?: { readonly token: string } };
}
const idsOf = (payloads: readonly unknown[]): string[] => (payloads as Payload[]).map(({ data }) => data.requestChanged.request.id);

/** Returns a token of what is committed now. */
async function tokenNow(tenantId: string): Promise<string> {
  return consistencyTokens(weft.keys).encode(tenantId, await new DatabasePositions(weft.services.databases.app).current());
}

/** Waits until a subscription has started. */
const started = (client: LiveClient, id: string): Promise<unknown> =>
  client.message(({ type, payload }) => type === "ping" && (payload as { live?: string } | undefined)?.live === id);

/** Commits an event that the relay has not numbered. Returns its subject, and what numbers it. */
async function unnumbered(tenantId: string): Promise<{ readonly subjectId: string; number(): Promise<void> }> {
  const event = await weft.emit(tenantId, { isPublished: false });
  const { id, position, subjectId } = event;
  await weft.sql.begin(async (tx) => {
    await tx`delete from events.positions where tenant_id = ${tenantId} and event_id = ${id}`;
    await tx`update events.position_heads set position = ${position - 1} where tenant_id = ${tenantId}`;
    await tx`insert into events.outbox (tenant_id, event_id) values (${tenantId}, ${id})`;
  });
  const number = async (): Promise<void> => {
    await weft.sql.begin(async (tx) => {
      await tx`delete from events.outbox where tenant_id = ${tenantId} and event_id = ${id}`;
      await tx`insert into events.positions (tenant_id, position, event_id) values (${tenantId}, ${position}, ${id})`;
      await tx`update events.position_heads set position = ${position} where tenant_id = ${tenantId}`;
    });
    await weft.pubsub.publish("events", JSON.stringify(event));
  };
  return { subjectId, number };
}

describe("a subscription with a token", () => {
  test("does not deliver an event of the token's state whose message is late, unlike one without a token", async () => {
    const person = await weft.person();
    const client = await socketOf(person);
    subscribe(client, "without");
    await started(client, "without");
    const late = await weft.emit(person.tenantId, { isPublished: false });
    subscribe(client, "with", { consistency: { after: await tokenNow(person.tenantId) } });
    await started(client, "with");
    const next = await weft.emit(person.tenantId);
    expect(idsOf(await client.payloads("with", 1))).toEqual([encodeId("request", next.subjectId)]);
    expect(idsOf(await client.payloads("without", 2))).toEqual([late, next].map(({ subjectId }) => encodeId("request", subjectId)));
  });

  test("does not deliver an event of the token's state that the relay numbers later, unlike one without a token", async () => {
    const person = await weft.person();
    const client = await socketOf(person);
    const late = await unnumbered(person.tenantId);
    subscribe(client, "without");
    subscribe(client, "with", { consistency: { after: await tokenNow(person.tenantId) } });
    await started(client, "with");
    await late.number();
    const next = await weft.emit(person.tenantId);
    expect(idsOf(await client.payloads("with", 1))).toEqual([encodeId("request", next.subjectId)]);
    expect(idsOf(await client.payloads("without", 2))).toEqual([late, next].map(({ subjectId }) => encodeId("request", subjectId)));
  });

  test("is refused at once if the relay is too far behind", async () => {
    const person = await weft.person();
    const client = await socketOf(person);
    await weft.sql`insert into events.outbox (tenant_id, event_id) select ${person.tenantId}, gen_random_uuid() from generate_series(1, 1000)`;
    subscribe(client, "1", { consistency: { after: await tokenNow(person.tenantId) } });
    const { payload } = await client.message(({ type, id }) => type === "error" && id === "1");
    expect(payload).toMatchObject([{ extensions: { code: "CONSISTENCY_TIMEOUT" } }]);
    const [{ extensions }] = payload as [{ extensions: { retryAfter: number } }];
    expect([1, 2, 3, 4, 5]).toContain(extensions.retryAfter);
  });

  test("still delivers the events after its cursor", async () => {
    const person = await weft.person();
    const client = await socketOf(person);
    subscribe(client, "first");
    await started(client, "first");
    const events = [await weft.emit(person.tenantId), await weft.emit(person.tenantId), await weft.emit(person.tenantId)];
    const [first] = (await client.payloads("first", 3)) as unknown as Payload[];
    const variables = { after: first?.data.requestChanged.cursor };
    subscribe(client, "resumed", { variables, consistency: { after: await tokenNow(person.tenantId) } });
    expect(idsOf(await client.payloads("resumed", 2))).toEqual(events.slice(1).map(({ subjectId }) => encodeId("request", subjectId)));
  });

  test("is closed if the rights have changed since, although nothing was announced", async () => {
    const person = await weft.person({ permissions: { "request.read": "TENANT" } });
    const client = await socketOf(person);
    subscribe(client, "1");
    await started(client, "1");
    await weft.sql`update identity.users set rights_version = rights_version + 1 where id = ${person.userId}`;
    subscribe(client, "2", { consistency: { after: await tokenNow(person.tenantId) } });
    expect(await client.closed(400)).toBe(4403);
  });

  test("is refused if the token is one of another organization", async () => {
    const client = await socketOf(await weft.person());
    const other = await weft.person();
    subscribe(client, "1", { consistency: { after: await tokenNow(other.tenantId) } });
    const { payload } = await client.message(({ type, id }) => type === "error" && id === "1");
    expect(payload).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: "extensions.consistency.after" }] } }]);
  });
});

describe("payloads and answers over a socket", () => {
  test("carry a token if the subscription asks for it, with which another operation can be sent", async () => {
    const person = await weft.person();
    const client = await socketOf(person);
    subscribe(client, "plain");
    subscribe(client, "tokens", { consistency: { returnToken: true } });
    await started(client, "tokens");
    await weft.emit(person.tenantId);
    const [plain] = (await client.payloads("plain", 1)) as unknown as Payload[];
    expect(plain?.extensions).toBeUndefined();
    const [payload] = (await client.payloads("tokens", 1)) as unknown as Payload[];
    const after = payload?.extensions?.consistency?.token;
    expect(after).toMatch(/^[\w-]{40,}$/);
    const extensions = { consistency: { after, returnToken: true } };
    client.send({ type: "subscribe", id: "query", payload: { query: "{ greeting }", extensions } });
    const [answer] = await client.payloads("query", 1);
    expect(answer).toMatchObject({
      data: { greeting: "hello world" },
      extensions: { consistency: { token: expect.any(String) as unknown } },
    });
  });
});

test.each(["extension", "header"])("a stream of server-sent events starts after the token's state, too (%s)", async (where) => {
  const { tenantId, token } = await weft.person();
  const late = await unnumbered(tenantId);
  const after = await tokenNow(tenantId);
  const stream = await openStream(`${weft.url}/graphql`, {
    token,
    headers: where === "header" ? { "weft-consistency-token": after, "weft-consistency": "return" } : {},
    body: { query, extensions: where === "header" ? {} : { consistency: { after, returnToken: true } } },
  });
  onTestFinished(() => stream.close());
  await late.number();
  const next = await weft.emit(tenantId);
  const [first] = (await stream.results(1)) as unknown as Payload[];
  expect(idsOf([first])).toEqual([encodeId("request", next.subjectId)]);
  expect(first?.extensions?.consistency?.token).toMatch(/^[\w-]{40,}$/);
});
