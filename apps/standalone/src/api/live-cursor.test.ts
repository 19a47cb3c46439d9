import { aMaintenanceTenant, type LiveClient, type MaintenanceTenant, openLive, sharedWeft, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadExampleOperations } from "../examples.js";

let weft: SharedWeft;
let acme: MaintenanceTenant;
const sockets: LiveClient[] = [];
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
});

interface Loaded {
  readonly liveCursor: string;
  readonly requests: { readonly edges: readonly { readonly node: { readonly id: string; readonly state: string } }[] };
}
interface Change {
  readonly cursor: string;
  readonly request: { readonly id: string; readonly state: string };
}

const list = "query { requests(first: 100) { edges { node { id state } } } liveCursor me { name } }";
const changes = "subscription ($after: String) { requestChanged(after: $after) { cursor request { id state } } }";

async function follow(after: string, query = changes): Promise<{ client: LiveClient; seen: () => Change[] }> {
  const client = await openLive(weft.url, { token: acme.admin.token });
  sockets.push(client);
  client.send({ type: "subscribe", id: "1", payload: { query, variables: { after } } });
  const seen = (): Change[] =>
    client.messages
      .filter(({ type }) => type === "next")
      .map(({ payload }) => (payload as { data: { requestChanged: Change } }).data.requestChanged);
  return { client, seen };
}

/** Returns the change that brings the request into the state, as soon as it arrives. */
const heard = (seen: () => readonly Change[], id: string, state: string): Promise<Change> =>
  until(() => seen().find(({ request }) => request.id === id && request.state === state), {
    what: `${id} is in ${state}`,
    deadlineMs: 10_000,
  });

test("the examples follow a list and receive changes that are written between the query and the subscription", async () => {
  const sources = new Map((await loadExampleOperations()).map(({ name, source }) => [name, source]));
  const { liveCursor } = await acme.admin.run<Loaded>(sources.get("requests") ?? "");
  const request = await acme.request("triage");
  const { seen } = await follow(liveCursor, sources.get("request-changed"));
  expect(await heard(seen, request.id, "triage")).toMatchObject({ cursor: expect.any(String) as string });
});

test("a subscription that is cut off before its first event resumes with the list's cursor and misses nothing", async () => {
  const { liveCursor } = await acme.admin.run<Loaded>(list);
  const { client } = await follow(liveCursor);
  client.close();
  await client.closed();
  const request = await acme.request("triage");
  const { seen } = await follow(liveCursor);
  expect(await heard(seen, request.id, "triage")).toMatchObject({ cursor: expect.any(String) as string });
});

test("sends events that were committed but not yet numbered when the cursor was taken", async () => {
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const { taken, request } = await owner.begin(async (sql) => {
      // The relay waits for this lock before it numbers any event of the tenant.
      await sql`select position from events.position_heads where tenant_id = ${acme.tenant.id} for update`;
      const written = await acme.request("triage");
      return { taken: await acme.admin.run<Loaded>(list), request: written };
    });
    expect(taken.requests.edges.map(({ node }) => node)).toContainEqual({ id: request.id, state: "triage" });
    const { seen } = await follow(taken.liveCursor);
    expect(await heard(seen, request.id, "triage")).toMatchObject({ cursor: expect.any(String) as string });
  } finally {
    await owner.end();
  }
});

test("the cursor costs one additional statement", async () => {
  const count = (query: string) => weft.statementCount(() => acme.admin.run(query));
  expect(await count("{ unreadNotificationCount liveCursor }")).toBe((await count("{ unreadNotificationCount }")) + 1);
});

test(
  "a client that loads and follows a list, with disconnects and concurrent writers, ends with the state of the database",
  { tags: "slow" },
  async () => {
    const states = new Map<string, string>();
    let isWriting = true;
    const writer = (async () => {
      for (let index = 0; index < 12; index++) await acme.request((["draft", "triage", "approval"] as const)[index % 3]);
    })().finally(() => (isWriting = false));
    let last = "";
    for (let round = 0; isWriting; round++) {
      const { liveCursor, requests } = await acme.admin.run<Loaded>(list);
      if (round % 2 === 0) {
        // A page that is reloaded.
        states.clear();
        for (const { node } of requests.edges) states.set(node.id, node.state);
        last = liveCursor;
      }
      // In every other round, the connection is cut. It resumes where the last one ended, which may be before its first event.
      const { client, seen } = await follow(last);
      await new Promise((resolve) => setTimeout(resolve, 40 * (round % 4)));
      client.close();
      for (const { cursor, request } of seen()) {
        states.set(request.id, request.state);
        last = cursor;
      }
    }
    await writer;
    const { seen } = await follow(last);
    const sentinel = await acme.request("triage");
    await heard(seen, sentinel.id, "triage");
    for (const { request } of seen()) states.set(request.id, request.state);
    const { requests } = await acme.admin.run<Loaded>(list);
    expect(Object.fromEntries(states)).toEqual(Object.fromEntries(requests.edges.map(({ node }) => [node.id, node.state])));
  },
);
