import {
  aMaintenanceTenant,
  type ApiError,
  type LiveClient,
  type MaintenanceTenant,
  openLive,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

interface Transition {
  readonly cursor: string;
  readonly from: string | null;
  readonly to: string;
  readonly version: number;
}

const transitions = `subscription ($instanceId: ID, $definitionKey: String, $after: String) {
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

/** Waits until the subscriptions of this socket received everything that has happened so far: the payload of a transition fired now has arrived. */
async function caughtUp(client: LiveClient, id: string): Promise<void> {
  const before = payloadsOf(client, id, "workflowTransitioned").length;
  await acme.request("triage");
  await client.payloads(id, before + 1, 5_000);
}

describe("delivery", () => {
  test("delivers each transition once, in order, with a selection over three subgraphs as of that transition", async () => {
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

  test("delivers requests, tasks and notifications to the users they concern", async () => {
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
      { change: "TRANSITIONED", request: { id: request.id } },
    ]);
    client.close();
    mine.close();
  });

  test("delivers nothing to users without access: another requester, a vendor's user, another tenant", { tags: "slow" }, async () => {
    const globex = await aMaintenanceTenant(weft);
    const stranger = await acme.tenant.user("requester");
    const people: readonly TestUser[] = [stranger, acme.vendor.user, globex.admin];
    const clients = await Promise.all(people.map((who) => openLive(weft.url, { token: who.token })));
    for (const client of clients) {
      for (const [id, query] of Object.entries({ transitions, changes, tasks, notifications })) subscribe(client, id, query);
    }
    const watcher = await openLive(weft.url, { token: acme.admin.token });
    subscribe(watcher, "transitions", transitions);
    await acme.request("approved");
    await watcher.payloads("transitions", 3, 5_000);
    await caughtUp(watcher, "transitions");
    // Theirs follow ours on the same connection. When theirs have arrived, ours would have too.
    await weft.weft.worker.idle();
    await globex.request("triage");
    await clients[2]?.payloads("transitions", 1, 5_000);
    for (const client of clients.slice(0, 2)) expect(client.messages.filter(({ type }) => type === "next")).toEqual([]);
    expect(payloadsOf<Transition>(clients[2] as LiveClient, "transitions", "workflowTransitioned")).toHaveLength(1);
    for (const client of [...clients, watcher]) client.close();
  });

  test("delivers assigned instances to a vendor's user from the assignment until its withdrawal", async () => {
    const client = await openLive(weft.url, { token: acme.vendor.user.token });
    subscribe(client, "transitions", transitions);
    const request = await acme.request("assigned");
    // The transitions before the assignment happen just before it. Late readers read them with the rights of the assignment.
    const earlier: readonly string[] = ["triage", "approval", "assigned"];
    const sinceAssigned = (): string[] =>
      payloadsOf<Transition>(client, "transitions", "workflowTransitioned").flatMap(({ to }) => (earlier.includes(to) ? [] : [to]));
    await acme.fire(acme.vendor.user, request, "start");
    await expect.poll(sinceAssigned, { timeout: 20_000 }).toEqual(["in_progress"]);
    await acme.assign(request, { userId: acme.operations.id });
    await acme.fire(acme.operations, request, "complete", { input: { outcome: "done by ourselves" } });
    const ours = await acme.request("assigned");
    await acme.fire(acme.vendor.user, ours, "start");
    await expect.poll(() => sinceAssigned().length, { timeout: 20_000 }).toBe(2);
    expect(sinceAssigned()).toEqual(["in_progress", "in_progress"]);
    client.close();
  });
});

describe("resuming with a cursor", () => {
  test("delivers the missed events once and in order, then continues", async () => {
    // Earlier payloads are no longer in transit.
    await weft.weft.worker.idle();
    const first = await openLive(weft.url, { token: acme.admin.token });
    subscribe(first, "transitions", transitions);
    const request = await acme.request("triage");
    await first.payloads("transitions", 1, 5_000);
    const [{ cursor } = { cursor: "" }] = payloadsOf<Transition>(first, "transitions", "workflowTransitioned");
    first.close();
    await acme.fire(acme.operations, request, "escalate");
    await acme.fire(acme.manager, request, "approve");
    await acme.assign(request, { vendorId: acme.vendor.id });
    const second = await openLive(weft.url, { token: acme.admin.token });
    // More happens during the replay.
    subscribe(second, "transitions", transitions, { after: cursor });
    await acme.fire(acme.vendor.user, request, "start");
    await acme.fire(acme.vendor.user, request, "complete", { input: { outcome: "done" } });
    await second.payloads("transitions", 4, 5_000);
    await caughtUp(second, "transitions");
    expect(payloadsOf<Transition>(second, "transitions", "workflowTransitioned").map(({ to }) => to)).toEqual([
      "approval",
      "assigned",
      "in_progress",
      "done",
      "triage",
    ]);
    second.close();
  });

  test("delivers the remaining events from any payload's cursor", async () => {
    const request = await acme.request("draft");
    const client = await openLive(weft.url, { token: acme.admin.token });
    subscribe(client, "all", transitions, { instanceId: request.instanceId });
    for (const [who, transition] of [
      [acme.requester, "submit"],
      [acme.operations, "escalate"],
      [acme.manager, "approve"],
    ] as const)
      await acme.fire(who, request, transition);
    await client.payloads("all", 3, 5_000);
    const all = payloadsOf<Transition>(client, "all", "workflowTransitioned");
    for (const [index, { cursor }] of all.entries()) {
      subscribe(client, `from${index}`, transitions, { instanceId: request.instanceId, after: cursor });
      await client.payloads(`from${index}`, all.length - index - 1, 5_000);
    }
    await acme.assign(request, { vendorId: acme.vendor.id });
    await acme.fire(acme.vendor.user, request, "start");
    for (const index of all.keys()) {
      await client.payloads(`from${index}`, all.length - index, 5_000);
      expect(payloadsOf<Transition>(client, `from${index}`, "workflowTransitioned").map(({ version }) => version)).toEqual([
        ...all.slice(index + 1).map(({ version }) => version),
        6,
      ]);
    }
    client.close();
  });

  test("does not lose events that occurred after the message was written, however soon they occurred", { tags: "slow" }, async () => {
    const request = await acme.request("draft");
    for (let turn = 0; turn < 10; turn++) {
      const fresh = await acme.request("draft");
      const client = await openLive(weft.url, { token: acme.admin.token });
      subscribe(client, "transitions", transitions, { instanceId: fresh.instanceId });
      // Not awaited in between: the transition commits while the rights of the subscription are still being checked.
      await Promise.all([acme.fire(acme.requester, fresh, "submit"), client.payloads("transitions", 1, 5_000)]);
      expect(payloadsOf<Transition>(client, "transitions", "workflowTransitioned")).toMatchObject([
        { from: "draft", to: "triage", version: 2 },
      ]);
      client.close();
    }
    await acme.fire(acme.requester, request, "cancel");
  });

  test("delivers events that are committed while the rights of a subscription are still being checked", async () => {
    const request = await acme.request("draft");
    const [client, watcher] = [
      await openLive(weft.url, { token: acme.admin.token }),
      await openLive(weft.url, { token: acme.admin.token }),
    ];
    // The event of the request's creation is behind both sockets before the subscription starts.
    subscribe(watcher, "all", transitions);
    await caughtUp(watcher, "all");
    subscribe(watcher, "transitions", transitions, { instanceId: request.instanceId });
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
    await owner.begin(async (sql) => {
      // Reading the request waits for this lock. The transition does not use the table.
      await sql`lock table requests.requests in access exclusive mode`;
      subscribe(client, "changes", changes, { id: request.id });
      await acme.fire(acme.requester, request, "submit");
      await watcher.payloads("transitions", 1, 5_000);
    });
    await owner.end();
    await client.payloads("changes", 1, 5_000);
    expect(payloadsOf(client, "changes", "requestChanged")).toMatchObject([
      { change: "TRANSITIONED", request: { id: request.id, state: "triage" } },
    ]);
    for (const one of [client, watcher]) one.close();
  });

  test("rejects a cursor that is broken, of another tenant or of a list, and reports its path", async () => {
    const globex = await aMaintenanceTenant(weft);
    const feed = await globex.admin.subscribe<Transition>("workflowTransitioned", transitions);
    await globex.request("triage");
    const [theirs] = await feed.until((payloads) => payloads.length > 0);
    await feed.stop();
    const { requests } = await acme.admin.run<{ requests: { edges: { cursor: string }[] } }>("{ requests(first: 1) { edges { cursor } } }");
    const client = await openLive(weft.url, { token: acme.admin.token });
    for (const [index, after] of ["", "x", theirs?.cursor, requests.edges[0]?.cursor].entries()) {
      subscribe(client, `s${index}`, transitions, { after });
      const { type, payload } = await client.message(({ id }) => id === `s${index}`);
      expect([type, (payload as ApiError[])[0]?.extensions]).toEqual([
        "error",
        expect.objectContaining({ code: "BAD_USER_INPUT", problems: [expect.objectContaining({ path: "after" })] }),
      ]);
    }
    client.close();
  });
});

test(
  "a cursor grants no access: in the query that answers an event, with another user's cursor, users see only the data of their own tenant that they have access to",
  { tags: "slow" },
  async () => {
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
      expect(await acme.operations.internally.run(query, { at })).toEqual({ [field]: payload });
      for (const { internally } of [stranger, acme.vendor.user, globex.admin])
        expect((await internally.send(query, { at })).data).toEqual({ [field]: null });
      expect(await globex.admin.internally.refusal(query, { at })).toBe("BAD_USER_INPUT");
    }
    client.close();
  },
);

test("accepts a subscription in any form that GraphQL allows, as long as it has one unconditional root field", async () => {
  const client = await openLive(weft.url, { token: acme.admin.token });
  const taken = {
    fragment: "subscription { ...transitions } fragment transitions on Subscription { workflowTransitioned { to } }",
    alias: "subscription { changed: workflowTransitioned { state: to } }",
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

describe("immediate refusals", () => {
  test("refuses IDs of another tenant like IDs never issued, and malformed IDs and IDs of another type", async () => {
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
      expect((await answer(transitions, { instanceId }))?.extensions?.code).toBe("NOT_FOUND");
    for (const id of [theirs.id, "req_01j00000000000000000000000"])
      expect((await answer(changes, { id }))?.extensions?.code).toBe("NOT_FOUND");
    expect((await answer(transitions, { instanceId: theirs.id }))?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "instanceId" }],
    });
    expect((await answer(changes, { id: "nonsense" }))?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "id" }] });
    expect((await answer("subscription { nothing }", {}))?.extensions?.code).toBe("GRAPHQL_VALIDATION_FAILED");
    client.close();
  });

  test("refuses hidden IDs of the own tenant for a requester and for a vendor's user", async () => {
    const request = await acme.request("draft");
    const stranger = await acme.tenant.user("requester");
    for (const who of [stranger, acme.vendor.user]) {
      const client = await openLive(weft.url, { token: who.token });
      subscribe(client, "m", transitions, { instanceId: request.instanceId });
      subscribe(client, "c", changes, { id: request.id });
      for (const key of ["m", "c"]) {
        const { type, payload } = await client.message(({ id }) => id === key);
        expect([type, (payload as ApiError[])[0]?.extensions?.code]).toEqual(["error", "NOT_FOUND"]);
      }
      client.close();
    }
  });
});

test("disconnects a client that does not read with 4508, without delaying other clients", async () => {
  const closes = async (): Promise<number> => {
    const text = await (await fetch(`${weft.url}/metrics`)).text();
    return Number(/^weft_live_closes_total\{code="4508"\} (\d+)/m.exec(text)?.[1] ?? 0);
  };
  // Forty payloads of 280 KB each: more than the network and the server buffer.
  const comments = Array.from({ length: 28 }, (_, index) => `c${index}: comment`).join(" ");
  const [deaf, healthy] = [await openLive(weft.url, { token: acme.admin.token }), await openLive(weft.url, { token: acme.admin.token })];
  for (let index = 0; index < 40; index++) {
    subscribe(deaf, `s${index}`, `subscription { workflowTransitioned { instance { history { ${comments} } } } }`);
  }
  subscribe(healthy, "transitions", transitions);
  subscribe(deaf, "last", "{ __typename }");
  await deaf.message(({ id, type }) => id === "last" && type === "complete");
  const before = await closes();
  deaf.pause();
  const request = await acme.request("triage");
  await acme.fire(acme.operations, request, "reject", { comment: "x".repeat(10_000) });
  await healthy.payloads("transitions", 2, 5_000);
  await expect.poll(closes, { timeout: 20_000 }).toBe(before + 1);
  healthy.close();
  deaf.close();
});
