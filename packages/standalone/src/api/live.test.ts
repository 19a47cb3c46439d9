import {
  aMaintenanceTenant,
  type ApiError,
  type LiveClient,
  type MaintenanceTenant,
  openLive,
  startTestWeft,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await startTestWeft();
  acme = await aMaintenanceTenant(weft);
});
afterAll(() => weft.stop());

interface Move {
  readonly cursor: string;
  readonly from: string | null;
  readonly to: string;
  readonly version: number;
}

const moves = `subscription ($instanceId: ID, $definitionKey: String, $after: String) {
  workflowTransitioned(instanceId: $instanceId, definitionKey: $definitionKey, after: $after) { cursor from to version } }`;
const changes =
  "subscription ($id: ID, $after: String) { requestChanged(id: $id, after: $after) { cursor change version request { id state } } }";
const tasks = "subscription ($after: String) { taskChanged(after: $after) { cursor change task { title } } }";
const notifications = "subscription ($after: String) { notificationReceived(after: $after) { cursor notification { kind title } } }";

const subscribe = (client: LiveClient, id: string, query: string, variables: Record<string, unknown> = {}): void =>
  client.send({ type: "subscribe", id, payload: { query, variables } });

const payloadsOf = <T>(client: LiveClient, id: string, field: string): T[] =>
  client.messages
    .filter((message) => message.type === "next" && message.id === id)
    .map(({ payload }) => (payload as { data: Record<string, T> }).data[field] as T);

/** Waits until the subscriptions of this socket have heard of everything that has happened: a payload of a move made now has come. */
async function caughtUp(client: LiveClient, id: string): Promise<void> {
  const before = payloadsOf(client, id, "workflowTransitioned").length;
  await acme.request("triage");
  await client.payloads(id, before + 1, 5_000);
}

describe("what is sent", () => {
  test("each move comes once, in order, with a selection over three subgraphs as of its moment", async () => {
    const request = await acme.request("draft");
    const selection = `cursor from to version transition actor { name } instance { id state owner { name } definition { key } assignee { ... on Vendor { name } } auditTrail(first: 1) { edges { node { action } } } }`;
    const feed = await acme.admin.subscribe<Record<string, unknown>>(
      "workflowTransitioned",
      `subscription ($id: ID) { workflowTransitioned(instanceId: $id) { ${selection} } }`,
      { id: request.instanceId },
    );
    await acme.fire(acme.requester, request, "submit");
    await acme.fire(acme.operations, request, "escalate");
    await acme.fire(acme.manager, request, "approve");
    await acme.assign(request, { vendorId: acme.vendor.id });
    await acme.fire(acme.vendor.user, request, "start");
    const seen = await feed.until((payloads) => payloads.length === 4);
    expect(seen).toMatchObject([
      { from: "draft", to: "triage", version: 2, transition: "submit" },
      { from: "triage", to: "approval", version: 3, transition: "escalate" },
      { from: "approval", to: "assigned", version: 4, transition: "approve" },
      { from: "assigned", to: "in_progress", version: 6, transition: "start", actor: { name: "Person of Vendor" } },
    ]);
    expect(seen.at(-1)?.["instance"]).toMatchObject({
      id: request.instanceId,
      owner: { name: expect.any(String) as string },
      definition: { key: "maintenance-request" },
      assignee: { name: "Vendor" },
      auditTrail: { edges: [{ node: { action: expect.any(String) as string } }] },
    });
    expect(feed.errors).toEqual([]);
    await feed.stop();
  });

  test("requests, tasks and notifications come to those whom they concern", async () => {
    const [client, mine] = [
      await openLive(weft.url, { token: acme.operations.token }),
      await openLive(weft.url, { token: acme.requester.token }),
    ];
    subscribe(client, "tasks", tasks);
    subscribe(client, "notes", notifications);
    subscribe(mine, "changes", changes);
    const request = await acme.request("triage");
    await client.payloads("tasks", 1, 5_000);
    await client.payloads("notes", 1, 5_000);
    expect(payloadsOf(client, "tasks", "taskChanged")).toMatchObject([
      { change: "OPENED", task: { title: "Triage: The elevator grinds" } },
    ]);
    expect(payloadsOf(client, "notes", "notificationReceived")).toMatchObject([{ notification: { kind: "TASK_OPENED" } }]);
    await mine.payloads("changes", 2, 5_000);
    expect(payloadsOf(mine, "changes", "requestChanged")).toMatchObject([
      { change: "CREATED", request: { id: request.id } },
      { change: "MOVED", request: { id: request.id } },
    ]);
    client.close();
    mine.close();
  });

  test("who may not see it gets nothing of it: another requester, a vendor's person, another tenant", async () => {
    const globex = await aMaintenanceTenant(weft);
    const stranger = await acme.tenant.user("requester");
    const people: readonly TestUser[] = [stranger, acme.vendor.user, globex.admin];
    const clients = await Promise.all(people.map((who) => openLive(weft.url, { token: who.token })));
    for (const client of clients) {
      for (const [id, query] of Object.entries({ moves, changes, tasks, notifications })) subscribe(client, id, query);
    }
    const watcher = await openLive(weft.url, { token: acme.admin.token });
    subscribe(watcher, "moves", moves);
    await acme.request("approved");
    await watcher.payloads("moves", 3, 5_000);
    await caughtUp(watcher, "moves");
    // Theirs come behind ours on the same wire: when they are there, ours would have been.
    await weft.weft.worker.idle();
    await globex.request("triage");
    await clients[2]?.payloads("moves", 1, 5_000);
    for (const client of clients.slice(0, 2)) expect(client.messages.filter(({ type }) => type === "next")).toEqual([]);
    expect(payloadsOf<Move>(clients[2] as LiveClient, "moves", "workflowTransitioned")).toHaveLength(1);
    for (const client of [...clients, watcher]) client.close();
  });

  test("a vendor's person hears of what is assigned to the vendor from then on, and no more when it is taken away", async () => {
    const client = await openLive(weft.url, { token: acme.vendor.user.token });
    subscribe(client, "moves", moves);
    const request = await acme.request("assigned");
    // The move to "assigned" comes just before the assignment: who looks at it late may see it already.
    const sinceAssigned = (): string[] =>
      payloadsOf<Move>(client, "moves", "workflowTransitioned").flatMap(({ to }) => (to === "assigned" ? [] : [to]));
    await acme.fire(acme.vendor.user, request, "start");
    await expect.poll(sinceAssigned, { timeout: 5_000 }).toEqual(["in_progress"]);
    await acme.assign(request, { userId: acme.operations.id });
    await acme.fire(acme.operations, request, "complete", { input: { outcome: "done by ourselves" } });
    const ours = await acme.request("assigned");
    await acme.fire(acme.vendor.user, ours, "start");
    await expect.poll(() => sinceAssigned().length, { timeout: 5_000 }).toBe(2);
    expect(sinceAssigned()).toEqual(["in_progress", "in_progress"]);
    client.close();
  });
});

describe("coming back with a cursor", () => {
  test("gives exactly what was missed, in order and once, then goes on", async () => {
    // What came before is not still on its way.
    await weft.weft.worker.idle();
    const first = await openLive(weft.url, { token: acme.admin.token });
    subscribe(first, "moves", moves);
    const request = await acme.request("triage");
    await first.payloads("moves", 1, 5_000);
    const [{ cursor } = { cursor: "" }] = payloadsOf<Move>(first, "moves", "workflowTransitioned");
    first.close();
    await acme.fire(acme.operations, request, "escalate");
    await acme.fire(acme.manager, request, "approve");
    await acme.assign(request, { vendorId: acme.vendor.id });
    const second = await openLive(weft.url, { token: acme.admin.token });
    // In the middle of the replay more happens.
    subscribe(second, "moves", moves, { after: cursor });
    await acme.fire(acme.vendor.user, request, "start");
    await acme.fire(acme.vendor.user, request, "complete", { input: { outcome: "done" } });
    await second.payloads("moves", 4, 5_000);
    await caughtUp(second, "moves");
    expect(payloadsOf<Move>(second, "moves", "workflowTransitioned").map(({ to }) => to)).toEqual([
      "approval",
      "assigned",
      "in_progress",
      "done",
      "triage",
    ]);
    second.close();
  });

  test("from each payload on gives the rest, whichever it was", async () => {
    const request = await acme.request("draft");
    const client = await openLive(weft.url, { token: acme.admin.token });
    subscribe(client, "all", moves, { instanceId: request.instanceId });
    for (const [who, transition] of [
      [acme.requester, "submit"],
      [acme.operations, "escalate"],
      [acme.manager, "approve"],
    ] as const)
      await acme.fire(who, request, transition);
    await client.payloads("all", 3, 5_000);
    const all = payloadsOf<Move>(client, "all", "workflowTransitioned");
    for (const [index, { cursor }] of all.entries()) {
      subscribe(client, `from${index}`, moves, { instanceId: request.instanceId, after: cursor });
      await client.payloads(`from${index}`, all.length - index - 1, 5_000);
    }
    await acme.assign(request, { vendorId: acme.vendor.id });
    await acme.fire(acme.vendor.user, request, "start");
    for (const index of all.keys()) {
      await client.payloads(`from${index}`, all.length - index, 5_000);
      expect(payloadsOf<Move>(client, `from${index}`, "workflowTransitioned").map(({ version }) => version)).toEqual([
        ...all.slice(index + 1).map(({ version }) => version),
        6,
      ]);
    }
    client.close();
  });

  test("what happened since the message was written is not lost, however soon it came", async () => {
    const request = await acme.request("draft");
    for (let turn = 0; turn < 10; turn++) {
      const fresh = await acme.request("draft");
      const client = await openLive(weft.url, { token: acme.admin.token });
      subscribe(client, "moves", moves, { instanceId: fresh.instanceId });
      // Not awaited in between: the transition commits while the rights of the subscription are still being checked.
      await Promise.all([acme.fire(acme.requester, fresh, "submit"), client.payloads("moves", 1, 5_000)]);
      expect(payloadsOf<Move>(client, "moves", "workflowTransitioned")).toMatchObject([{ from: "draft", to: "triage", version: 2 }]);
      client.close();
    }
    await acme.fire(acme.requester, request, "cancel");
  });

  test("what is committed while the rights of a subscription are still being looked at is sent afterwards", async () => {
    const request = await acme.request("draft");
    const [client, watcher] = [
      await openLive(weft.url, { token: acme.admin.token }),
      await openLive(weft.url, { token: acme.admin.token }),
    ];
    subscribe(watcher, "moves", moves, { instanceId: request.instanceId });
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
    await owner.begin(async (sql) => {
      // The look at the request waits for this lock; the transition has no need of the table.
      await sql`lock table requests.requests in access exclusive mode`;
      subscribe(client, "changes", changes, { id: request.id });
      await acme.fire(acme.requester, request, "submit");
      await watcher.payloads("moves", 1, 5_000);
    });
    await owner.end();
    await client.payloads("changes", 1, 5_000);
    expect(payloadsOf(client, "changes", "requestChanged")).toMatchObject([
      { change: "MOVED", request: { id: request.id, state: "triage" } },
    ]);
    for (const one of [client, watcher]) one.close();
  });

  test("a cursor that is broken, of another tenant or of a list is refused on its path", async () => {
    const globex = await aMaintenanceTenant(weft);
    const feed = await globex.admin.subscribe<Move>("workflowTransitioned", moves);
    await globex.request("triage");
    const [theirs] = await feed.until((payloads) => payloads.length > 0);
    await feed.stop();
    const { requests } = await acme.admin.run<{ requests: { edges: { cursor: string }[] } }>("{ requests(first: 1) { edges { cursor } } }");
    const client = await openLive(weft.url, { token: acme.admin.token });
    for (const [index, after] of ["", "x", theirs?.cursor, requests.edges[0]?.cursor].entries()) {
      subscribe(client, `s${index}`, moves, { after });
      const { type, payload } = await client.message(({ id }) => id === `s${index}`);
      expect([type, (payload as ApiError[])[0]?.extensions]).toEqual([
        "error",
        expect.objectContaining({ code: "BAD_USER_INPUT", problems: [expect.objectContaining({ path: "after" })] }),
      ]);
    }
    client.close();
  });
});

test("a cursor is no key: as a query with somebody else's cursor one sees what one may see oneself, of the own tenant alone", async () => {
  const globex = await aMaintenanceTenant(weft);
  const stranger = await acme.tenant.user("requester");
  const client = await openLive(weft.url, { token: acme.operations.token });
  const fields: Readonly<Record<string, string>> = {
    workflowTransitioned: "to version",
    requestChanged: "change",
    taskChanged: "change",
    notificationReceived: "notification { title }",
  };
  for (const [field, selection] of Object.entries(fields)) subscribe(client, field, `subscription { ${field} { cursor ${selection} } }`);
  await acme.request("triage");
  for (const [field, selection] of Object.entries(fields)) {
    await client.payloads(field, 1, 5_000);
    const [payload] = payloadsOf<{ cursor: string }>(client, field, field);
    const query = `query ($at: String) { ${field}(at: $at) { cursor ${selection} } }`;
    const at = payload?.cursor;
    expect(await acme.operations.run(query, { at })).toEqual({ [field]: payload });
    for (const who of [stranger, acme.vendor.user, globex.admin]) expect((await who.send(query, { at })).data).toEqual({ [field]: null });
    expect(await globex.admin.refusal(query, { at })).toBe("BAD_USER_INPUT");
  }
  client.close();
});

test("a subscription may be written in any way that GraphQL knows, as long as it has one root field that is always there", async () => {
  const client = await openLive(weft.url, { token: acme.admin.token });
  const taken = {
    fragment: "subscription { ...moves } fragment moves on Subscription { workflowTransitioned { to } }",
    alias: "subscription { moved: workflowTransitioned { state: to } }",
    inline:
      "subscription { ... on Subscription { workflowTransitioned { ... @include(if: true) { to } instance @skip(if: false) { id } } } }",
    nulls: "subscription { workflowTransitioned(instanceId: null, definitionKey: null, after: null) { to } }",
    default: 'subscription ($key: String = "maintenance-request") { workflowTransitioned(definitionKey: $key) { to } }',
  };
  const refused = {
    two: "subscription { workflowTransitioned { to } requestChanged { change } }",
    none: "subscription { __typename }",
    skipped: "subscription { workflowTransitioned @skip(if: true) { to } }",
    maybe: "subscription { ... @include(if: false) { workflowTransitioned { to } } }",
    mirror: 'subscription { workflowTransitioned(at: "x") { to } }',
    ambiguous: "subscription A { workflowTransitioned { to } } subscription B { workflowTransitioned { to } }",
    deferred: "subscription { workflowTransitioned @defer { to } }",
  };
  for (const [id, query] of Object.entries({ ...taken, ...refused })) subscribe(client, id, query);
  for (const id of Object.keys(refused)) expect([id, (await client.message((message) => message.id === id)).type]).toEqual([id, "error"]);
  await acme.request("triage");
  for (const id of Object.keys(taken)) expect(JSON.stringify(await client.payloads(id, 1, 5_000))).toContain('"triage"');
  client.close();
});

describe("what is refused at once", () => {
  test("ids of another tenant and ids never issued alike, malformed ids and ids of another type", async () => {
    const globex = await aMaintenanceTenant(weft);
    const theirs = await globex.request("draft");
    const client = await openLive(weft.url, { token: acme.admin.token });
    let asked = 0;
    const answer = async (query: string, variables: Record<string, unknown>): Promise<ApiError | undefined> => {
      const key = String(++asked);
      subscribe(client, key, query, variables);
      const { type, payload } = await client.message(({ id }) => id === key);
      expect(type).toBe("error");
      return (payload as ApiError[])[0];
    };
    for (const instanceId of [theirs.instanceId, "wfi_01j00000000000000000000000"])
      expect((await answer(moves, { instanceId }))?.extensions?.code).toBe("NOT_FOUND");
    for (const id of [theirs.id, "req_01j00000000000000000000000"])
      expect((await answer(changes, { id }))?.extensions?.code).toBe("NOT_FOUND");
    expect((await answer(moves, { instanceId: theirs.id }))?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "instanceId" }],
    });
    expect((await answer(changes, { id: "nonsense" }))?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "id" }] });
    expect((await answer("subscription { nothing }", {}))?.extensions?.code).toBe("GRAPHQL_VALIDATION_FAILED");
    client.close();
  });

  test("hidden ids of the own tenant, as a requester and as a vendor's person", async () => {
    const request = await acme.request("draft");
    const stranger = await acme.tenant.user("requester");
    for (const who of [stranger, acme.vendor.user]) {
      const client = await openLive(weft.url, { token: who.token });
      subscribe(client, "m", moves, { instanceId: request.instanceId });
      subscribe(client, "c", changes, { id: request.id });
      for (const key of ["m", "c"]) {
        const { type, payload } = await client.message(({ id }) => id === key);
        expect([type, (payload as ApiError[])[0]?.extensions?.code]).toEqual(["error", "NOT_FOUND"]);
      }
      client.close();
    }
  });
});

test("who does not read is cut off with 4508, and nobody else waits", async () => {
  const closes = async (): Promise<number> => {
    const text = await (await fetch(`${weft.url}/metrics`)).text();
    return Number(/^weft_live_closes_total\{code="4508"\} (\d+)/m.exec(text)?.[1] ?? 0);
  };
  // Forty payloads of 280 KB each: more than the network takes and we keep.
  const comments = Array.from({ length: 28 }, (_, index) => `c${index}: comment`).join(" ");
  const [deaf, healthy] = [await openLive(weft.url, { token: acme.admin.token }), await openLive(weft.url, { token: acme.admin.token })];
  for (let index = 0; index < 40; index++) {
    subscribe(deaf, `s${index}`, `subscription { workflowTransitioned { instance { history { ${comments} } } } }`);
  }
  subscribe(healthy, "moves", moves);
  subscribe(deaf, "last", "{ __typename }");
  await deaf.message(({ id, type }) => id === "last" && type === "complete");
  const before = await closes();
  deaf.pause();
  const request = await acme.request("triage");
  await acme.fire(acme.operations, request, "reject", { comment: "x".repeat(10_000) });
  await healthy.payloads("moves", 2, 5_000);
  await expect.poll(closes, { timeout: 5_000 }).toBe(before + 1);
  healthy.close();
  deaf.close();
});
