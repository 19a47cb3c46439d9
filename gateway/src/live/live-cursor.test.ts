import { encodeId, newId } from "@weft/shared/ids";
import { eventCursors } from "@weft/api/live";
import type { Subgraph } from "@weft/api/subgraph";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import type { LiveClient } from "@weft/testkit/live/live-client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";
import { people, requests } from "../testing/subgraphs.js";

/**
 * What the test does between the responses of the two subgraphs: people responds first, then this runs, and only then is requests (with liveCursor)
 * called.
 */
let meanwhile: (() => Promise<unknown>) | undefined;
let hasPeopleAnswered = Promise.withResolvers<void>();

function staged(subgraph: Subgraph): Subgraph {
  return {
    ...subgraph,
    execute: async (options) => {
      if (!meanwhile) return subgraph.execute(options);
      if (subgraph.name === "requests") {
        await hasPeopleAnswered.promise;
        await meanwhile();
      }
      const answer = await subgraph.execute(options);
      if (subgraph.name === "people") hasPeopleAnswered.resolve();
      return answer;
    },
  };
}

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    gateway: (services) => ({
      subgraphs: [people(), requests()].map((subgraph) => ({
        kind: "inProcess" as const,
        name: subgraph.name,
        subgraph: staged(subgraph),
        services,
      })),
    }),
  });
});
afterAll(() => weft.stop());
const open: LiveClient[] = [];
beforeEach(() => {
  meanwhile = undefined;
  hasPeopleAnswered = Promise.withResolvers();
  return () => {
    for (const client of open.splice(0)) client.close();
  };
});

/** Returns the requests that a subscription after the cursor receives. */
async function heardBehind(token: string, after: string | undefined, count: number): Promise<string[]> {
  const client = await openLive(weft.url, { token });
  open.push(client);
  const query = "subscription ($after: String) { requestChanged(after: $after) { request { id } } }";
  client.send({ type: "subscribe", id: "1", payload: { query, variables: { after } } });
  const payloads = (await client.payloads("1", count)) as { data: { requestChanged: { request: { id: string } } } }[];
  return payloads.map(({ data }) => data.requestChanged.request.id);
}
const idOf = ({ subjectId }: { subjectId: string }): string => encodeId("request", subjectId);
const cursorOf = async (token: string, query = "{ liveCursor }"): Promise<string | undefined> =>
  (await weft.run(query, { token })).data?.["liveCursor"];

test("delivers events between the query and the subscription, and no earlier ones", async () => {
  const { tenantId, token } = await weft.person();
  await weft.emit(tenantId);
  const cursor = await cursorOf(token);
  const missed = [await weft.emit(tenantId), await weft.emit(tenantId)];
  expect(await heardBehind(token, cursor, 2)).toEqual(missed.map(idOf));
});

test("delivers all events in an organization without earlier events", async () => {
  const { tenantId, token } = await weft.person();
  const cursor = await cursorOf(token);
  const first = await weft.emit(tenantId);
  expect(await heardBehind(token, cursor, 1)).toEqual([idOf(first)]);
});

test("delivers events that are written after another subgraph has answered, although the cursor's subgraph is called later", async () => {
  const { tenantId, token } = await weft.person();
  const written: string[] = [];
  meanwhile = async () => void written.push(idOf(await weft.emit(tenantId)));
  const cursor = await cursorOf(token, "{ me { name } liveCursor }");
  meanwhile = undefined;
  expect(written).toHaveLength(1);
  expect(await heardBehind(token, cursor, 1)).toEqual(written);
});

test("returns the same cursor in a fragment, under an alias and over WebSocket", async () => {
  const { tenantId, token } = await weft.person();
  const { position } = await weft.emit(tenantId);
  const cursor = eventCursors(weft.keys).encode(tenantId, position);
  const query = "query { a: liveCursor ...Rest } fragment Rest on Query { ... on Query { liveCursor } }";
  const data = { a: cursor, liveCursor: cursor };
  expect(await weft.run(query, { token })).toEqual({ data });
  const client = await openLive(weft.url, { token });
  open.push(client);
  client.send({ type: "subscribe", id: "1", payload: { query } });
  expect(await client.payloads("1", 1)).toEqual([{ data }]);
});

test("refuses another organization's cursor", async () => {
  const [ada, bob] = [await weft.person(), await weft.person()];
  await weft.emit(ada.tenantId);
  const client = await openLive(weft.url, { token: bob.token });
  open.push(client);
  const query = "subscription ($after: String) { requestChanged(after: $after) { cursor } }";
  client.send({ type: "subscribe", id: newId(), payload: { query, variables: { after: await cursorOf(ada.token) } } });
  expect(await client.message(({ type }) => type === "error")).toMatchObject({
    payload: [{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: "after" }] } }],
  });
});

test("returns no cursor without a login", async () => {
  expect((await weft.run("{ liveCursor }")).errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
});
