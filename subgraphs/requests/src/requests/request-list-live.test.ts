import {
  aMaintenanceTenant,
  type Feed,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
/** Sees requests that are assigned to him, and no others. */
let fixer: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  const permissions = [
    { permission: "request.read", scope: "ASSIGNED" },
    { permission: "workflow.read", scope: "ASSIGNED" },
  ];
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key: "fixer", name: "Fixer", permissions },
  });
  fixer = await acme.tenant.user("fixer");
});

const subscription = `subscription ($filter: RequestFilter, $viewId: ID, $after: String) {
  requestListChanged(filter: $filter, viewId: $viewId, after: $after) { cursor requestId occurredAt request { id state priority } } }`;
const listed = `query ($filter: RequestFilter, $viewId: ID) {
  requests(filter: $filter, viewId: $viewId, first: 100) { edges { node { id state priority } } } liveCursor }`;

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly priority: string;
}
interface Change {
  readonly requestId: string;
  readonly request: Shown | null;
}
interface Followed {
  readonly filter?: Record<string, unknown>;
  readonly viewId?: string;
}

async function load(user: TestUser, of: Followed): Promise<{ shown: Map<string, Shown>; liveCursor: string }> {
  const { requests, liveCursor } = await user.run<{ requests: { edges: { node: Shown }[] }; liveCursor: string }>(listed, { ...of });
  return { shown: new Map(requests.edges.map(({ node }) => [node.id, node])), liveCursor };
}

/** A client that loads a list and keeps it current with the subscription alone. */
async function follow(user: TestUser, of: Followed, query = subscription) {
  // The position of the list is then behind everything that has happened.
  await weft.weft.worker.idle();
  const { shown: loaded, liveCursor } = await load(user, of);
  const feed: Feed<Change> = await user.subscribe<Change>("requestListChanged", query, { ...of, after: liveCursor });
  return {
    feed,
    /** The list as the client shows it now. */
    shown(): Map<string, Shown> {
      const shown = new Map(loaded);
      for (const { requestId, request } of feed.payloads) {
        if (request) shown.set(requestId, request);
        else shown.delete(requestId);
      }
      return shown;
    },
    /** The payloads about a request, in order: its state, or null for a removal. */
    statesOf: ({ id }: { readonly id: string }): (string | null)[] =>
      feed.payloads.flatMap(({ requestId, request }) => (requestId === id ? [request?.state ?? null] : [])),
  };
}

const triage = "mutation ($input: TriageRequestInput!) { triageRequest(input: $input) { request { id } } }";
const setPriority = ({ id }: MaintenanceRequest, priority: string) => acme.operations.run(triage, { input: { id, priority } });
const comment = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
const save = "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }";

async function aView(user: TestUser, filter: Record<string, unknown>): Promise<string> {
  const input = { list: "REQUESTS", name: "View", filter };
  return (await user.run<{ saveView: { view: { id: string } } }>(save, { input })).saveView.view.id;
}

const byId = (shown: ReadonlyMap<string, Shown>): Shown[] => [...shown.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));

const refusalOf = async (user: TestUser, of: Followed): Promise<string | undefined> => {
  const feed = await user.subscribe("requestListChanged", subscription, { ...of });
  await feed.until(() => feed.errors.length > 0);
  const [error] = feed.errors;
  await feed.stop();
  return `${error?.extensions?.code}: ${error?.message}`;
};

describe("the list of a filter", () => {
  test("gets the requests that enter it, change in it, and leave it", async () => {
    const request = await acme.request("draft");
    const list = await follow(acme.admin, { filter: { state: { eq: "triage" } } });
    await acme.fire(acme.requester, request, "submit");
    await until(() => list.statesOf(request).length > 0, { what: "the request enters" });
    await setPriority(request, "HIGH");
    await until(() => list.shown().get(request.id)?.priority === "HIGH", { what: "the request changes" });
    await acme.fire(acme.operations, request, "escalate");
    await until(() => list.statesOf(request).at(-1) === null, { what: "the request leaves" });
    expect(list.shown().has(request.id)).toBe(false);
    expect(list.feed.errors).toEqual([]);
    await list.feed.stop();
  });

  test(
    "equals the list that is loaded anew, after changes of all kinds, for each kind of condition",
    { tags: "slow", timeout: 180_000 },
    async () => {
      const requests = [
        await acme.request("triage"),
        await acme.request("triage"),
        await acme.request("draft"),
        await acme.request("draft"),
      ];
      const marker = await acme.request("draft");
      const since = new Date().toISOString();
      const filters: Record<string, unknown>[] = [
        {},
        { state: { in: ["triage", "approval"] } },
        { status: { ne: "RUNNING" } },
        { priority: { eq: "HIGH" } },
        { tags: { hasAny: ["wet", "urgent"] } },
        { tags: { isEmpty: true } },
        { assignee: { isNull: true } },
        { assignee: { eq: acme.operations.id } },
        { number: { contains: "1" } },
        { updatedAt: { gte: since } },
        { dueAt: { isNull: false } },
        { version: { gt: 2 } },
        { building: { eq: acme.buildingId } },
        { workflow: { state: { contains: "ria" }, version: { lte: 4 } } },
        { search: { contains: "puddle" } },
        { not: { or: [{ priority: { eq: "LOW" } }, { state: { eq: "draft" } }] } },
      ];
      const lists = await Promise.all(filters.map(async (filter) => ({ filter, list: await follow(acme.operations, { filter }) })));
      const [first, second, third, fourth] = requests;
      if (!first || !second || !third || !fourth) throw new Error("There are four requests.");
      await setPriority(first, "HIGH");
      await acme.operations.run(triage, { input: { id: second.id, tags: ["wet"], dueAt: "2100-01-01T00:00:00Z" } });
      await acme.assign(second, { userId: acme.operations.id });
      await acme.operations.run(comment, { input: { id: first.id, audience: "INTERNAL", text: "A puddle below it" } });
      await acme.fire(acme.requester, third, "submit");
      await acme.fire(acme.operations, first, "escalate");
      await setPriority(first, "LOW");
      await acme.assign(second, null);
      await acme.operations.run(triage, { input: { id: second.id, tags: [], dueAt: null } });
      await acme.operations.run(comment, { input: { id: third.id, audience: "PUBLIC", text: "Puddles here, too" } });
      await acme.requester.run("mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }", { id: fourth.id });
      await acme.operations.run(triage, { input: { id: marker.id, tags: ["last"] } });
      for (const { filter, list } of lists) {
        // Changes arrive in order.
        await until(() => list.statesOf(marker).length > 0, { what: `${JSON.stringify(filter)} receives the last change` });
        const { shown } = await load(acme.operations, { filter });
        expect({ filter, shown: byId(list.shown()) }).toEqual({ filter, shown: byId(shown) });
        expect(list.feed.errors).toEqual([]);
      }
      await Promise.all(lists.map(({ list }) => list.feed.stop()));
    },
  );

  test("is refused with a condition that the user cannot use, or that has no events", async () => {
    expect(await refusalOf(fixer, { filter: { building: { eq: acme.buildingId } } })).toMatch(/^FORBIDDEN: .*building\.read/);
    expect(await refusalOf(acme.admin, { filter: { not: { watcher: { eq: acme.admin.id } } } })).toMatch(/^BAD_USER_INPUT: .*watcher/);
    expect(await refusalOf(acme.vendor.user, { filter: { tags: { isEmpty: true } } })).toMatch(/^FORBIDDEN: .*tags/);
  });
});

describe("rights", () => {
  test("a user gets a request that is assigned to them, and its removal, and nothing before and after", async () => {
    const request = await acme.request("triage");
    const list = await follow(fixer, {});
    const marker = await acme.request("triage");
    await acme.assign(request, { userId: fixer.id });
    await until(() => list.shown().has(request.id), { what: "the request enters" });
    await acme.assign(request, { userId: acme.operations.id });
    await until(() => list.statesOf(request).at(-1) === null, { what: "the request leaves" });
    const received = list.statesOf(request).length;
    await setPriority(request, "LOW");
    await acme.assign(request, null);
    await acme.assign(marker, { userId: fixer.id });
    await until(() => list.statesOf(marker).length > 0, { what: "the later request enters" });
    expect(list.statesOf(request)).toHaveLength(received);
    expect(list.feed.errors).toEqual([]);
    await list.feed.stop();
  });

  test("a deleted request is removed for the users who saw it, and for nobody else, and is back when it is restored", async () => {
    const request = await acme.request("draft");
    await acme.requester.run("mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }", { id: request.id });
    const other = await acme.tenant.user("requester");
    const [seeing, owning, strange] = [await follow(acme.operations, {}), await follow(acme.requester, {}), await follow(other, {})];
    const input = { id: request.id };
    await acme.admin.run("mutation ($input: VersionedIdInput!) { deleteRequest(input: $input) { id } }", { input });
    for (const list of [seeing, owning]) {
      await until(() => list.statesOf(request).length > 0, { what: "the request leaves" });
      expect(list.statesOf(request)).toEqual([null]);
    }
    await acme.admin.run("mutation ($input: VersionedIdInput!) { restoreRequest(input: $input) { request { id } } }", { input });
    for (const list of [seeing, owning]) await until(() => list.shown().has(request.id), { what: "the request is back" });
    const { createRequest } = await other.run<{ createRequest: { request: { id: string } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
      { input: { typeKey: "maintenance", data: { summary: "Mine", estimate: 1 } } },
    );
    await until(() => strange.statesOf(createRequest.request).length > 0, { what: "the stranger receives his own" });
    expect(strange.statesOf(request)).toEqual([]);
    for (const { feed } of [seeing, owning, strange]) await feed.stop();
  });

  test(
    "users who never saw a request get nothing about it, and neither do a vendor's users and other tenants",
    { tags: "slow" },
    async () => {
      const globex = await aMaintenanceTenant(weft);
      const other = await acme.tenant.user("requester");
      const people = [other, acme.vendor.user, globex.admin, fixer];
      const lists = await Promise.all(people.map((user) => follow(user, {})));
      const secret = await acme.request("triage");
      await acme.assign(secret, { userId: acme.operations.id });
      await acme.assign(secret, null);
      await setPriority(secret, "HIGH");
      const { createRequest } = await other.run<{ createRequest: { request: { id: string } } }>(
        "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
        { input: { typeKey: "maintenance", data: { summary: "Mine", estimate: 1 } } },
      );
      const [given, theirs, fixers] = [await acme.request("assigned"), await globex.request("triage"), await acme.request("triage")];
      await acme.assign(fixers, { userId: fixer.id });
      for (const [index, last] of [createRequest.request, given, theirs, fixers].entries()) {
        const list = lists[index];
        if (!list || !last) throw new Error("Each list has a request of its own.");
        await until(() => list.statesOf(last).length > 0, { what: "the list gets a request of its own" });
        expect(JSON.stringify(list.feed.payloads)).not.toContain(secret.id);
        await list.feed.stop();
      }
    },
  );

  test("an internal comment is not noticed by users who cannot read it", async () => {
    const request = await acme.request("triage");
    const list = await follow(acme.requester, { filter: { search: { contains: "asbestos" } } });
    await acme.operations.run(comment, { input: { id: request.id, audience: "INTERNAL", text: "Asbestos behind it" } });
    await acme.operations.run(comment, { input: { id: request.id, audience: "PUBLIC", text: "No asbestos here" } });
    await until(() => list.shown().has(request.id), { what: "the public comment is found" });
    expect(list.statesOf(request)).toEqual(["triage"]);
    await list.feed.stop();
  });
});

describe("the list of a saved view", () => {
  test("is narrowed by the filter, follows the view, and ends when the view is deleted", async () => {
    const viewId = await aView(acme.admin, { state: { eq: "triage" } });
    const list = await follow(acme.admin, { viewId, filter: { priority: { eq: "HIGH" } } });
    const request = await acme.request("triage");
    await setPriority(request, "HIGH");
    await until(() => list.shown().has(request.id), { what: "the request enters" });
    await acme.admin.run("mutation ($input: UpdateViewInput!) { updateView(input: $input) { view { id } } }", {
      input: { id: viewId, filter: { state: { eq: "approval" } } },
    });
    await acme.operations.run(triage, { input: { id: request.id, tags: ["seen"] } });
    await until(() => !list.shown().has(request.id), { what: "the request leaves" });
    await acme.admin.run("mutation ($id: ID!) { deleteView(input: { id: $id }) { id } }", { id: viewId });
    await acme.operations.run(triage, { input: { id: request.id, tags: [] } });
    await until(() => list.feed.errors.length > 0, { what: "the subscription ends" });
    expect(list.feed.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "viewId" }] });
    await list.feed.stop();
  });

  test("another user's private view is refused like one that does not exist", async () => {
    const viewId = await aView(acme.admin, { state: { eq: "triage" } });
    const refused = await refusalOf(acme.operations, { viewId });
    expect(refused).toMatch(/^BAD_USER_INPUT: /);
    await acme.admin.run("mutation ($id: ID!) { deleteView(input: { id: $id }) { id } }", { id: viewId });
    expect(await refusalOf(acme.operations, { viewId })).toBe(refused);
  });
});

test(
  "users with equal rights and the same filter share one evaluation of an event; users of a view or a search do not",
  { tags: "slow" },
  async () => {
    const marker = await acme.request("triage");
    const [one, two] = [await acme.tenant.user("operations"), await acme.tenant.user("operations")];
    const shared = subscription.replace("priority", "");
    const evaluations = async (of: Followed): Promise<number> => {
      const lists = [await follow(one, of, shared), await follow(two, of, shared)];
      // Each change is two events: one of the request, and one of its workflow.
      const haveReceived = (changes: number) => () => lists.every((list) => list.statesOf(marker).length === 2 * changes);
      await acme.operations.run(triage, { input: { id: marker.id, tags: Object.keys(of.filter ?? {}) } });
      await until(haveReceived(1), { what: "both receive the first change" });
      const statements = await weft.statements(async () => {
        await setPriority(marker, "HIGH");
        await setPriority(marker, "LOW");
        await until(haveReceived(3), { what: "both receive two more changes" });
      });
      for (const { feed } of lists) await feed.stop();
      return statements.filter((text) => text.includes("/* countRequests */")).length;
    };
    expect(await evaluations({ filter: { state: { eq: "triage" } } })).toBe(4);
    expect(await evaluations({ filter: { state: { eq: "triage" }, search: { contains: "elevator" } } })).toBe(8);
  },
);
