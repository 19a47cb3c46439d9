import { aMaintenanceTenant, sharedWeft, type MaintenanceTenant, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

type Listed = { requests: { totalCount: number; edges: { node: { id: string } }[] } };
const list = `query ($filter: RequestFilter) { requests(first: 100, filter: $filter) { totalCount edges { node { id } } } }`;
const idsFor = async (filter: object, who = acme.operations): Promise<string[]> => {
  const { requests } = await who.run<Listed>(list, { filter });
  expect(requests.totalCount).toBe(requests.edges.length);
  return requests.edges.map(({ node }) => node.id);
};

test("requests are found by conditions on their workflow, in the same grammar as every filter", async () => {
  const [draft, triage, assigned] = [await acme.request("draft"), await acme.request("triage"), await acme.request("assigned")];
  const of = (workflow: object) => idsFor({ workflow, createdBy: { eq: acme.requester.id } });
  expect(await of({ state: { eq: "triage" } })).toEqual([triage.id]);
  expect(await of({ id: { in: [draft.instanceId, assigned.instanceId] } })).toEqual([assigned.id, draft.id]);
  expect(await of({ or: [{ state: { eq: "draft" } }, { assigneeId: { eq: acme.vendor.id } }] })).toEqual([assigned.id, draft.id]);
  expect(await of({ not: { state: { in: ["draft", "triage"] } } })).toEqual([assigned.id]);
  expect(await of({ definitionKey: { eq: "maintenance-request" }, ownerId: { ne: acme.requester.id } })).toEqual([]);
  expect(await idsFor({ not: { workflow: { state: { ne: "triage" } } } })).toEqual([triage.id]);
  expect(await of({})).toHaveLength(3);
});

test("conditions on the workflow reveal nothing about a workflow that the viewer cannot read", async () => {
  const { tenant } = acme;
  const blind = await tenant.user("requester");
  const create = `mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }`;
  const permissions = [
    { permission: "request.read", scope: "TENANT" },
    { permission: "workflow.read", scope: "OWN" },
  ];
  await tenant.admin.run(create, { input: { key: "counter", name: "Counter", permissions } });
  const counter = await tenant.user("counter");
  const [one] = await idsFor({}, counter);
  expect(one).toBeDefined();
  expect(await idsFor({ workflow: { state: { ne: "nowhere" } } }, counter)).toEqual([]);
  expect(await idsFor({ workflow: { ownerId: { eq: acme.requester.id } } }, counter)).toEqual([]);
  expect(await idsFor({ workflow: { status: { eq: "RUNNING" } } }, blind)).toEqual([]);
});

test("without workflow.read the field is refused", async () => {
  const { tenant } = acme;
  const create = `mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }`;
  await tenant.admin.run(create, {
    input: { key: "clerk", name: "Clerk", permissions: [{ permission: "request.read", scope: "TENANT" }] },
  });
  const clerk = await tenant.user("clerk");
  expect(await clerk.refusal(list, { filter: { workflow: { state: { eq: "triage" } } } })).toBe("FORBIDDEN");
});

test("nested conditions count toward the limit of fifty, and their depth toward the depth limit", async () => {
  const conditions = Array.from({ length: 51 }, () => ({ state: { eq: "triage" } }));
  expect(await acme.operations.refusal(list, { filter: { workflow: { or: conditions } } })).toBe("BAD_USER_INPUT");
  const deep = { not: { not: { not: { workflow: { not: { state: { eq: "triage" } } } } } } };
  expect(await acme.operations.refusal(list, { filter: deep })).toBe("BAD_USER_INPUT");
});

test("requests are found by the key of their type, also in a negation; an unknown key matches nothing", async () => {
  const all = await idsFor({});
  expect(all.length).toBeGreaterThan(0);
  expect(await idsFor({ typeKey: { eq: "maintenance" } })).toEqual(all);
  expect(await idsFor({ not: { typeKey: { eq: "maintenance" } } })).toEqual([]);
  expect(await idsFor({ typeKey: { eq: "unknown" } })).toEqual([]);
  expect(await idsFor({ not: { typeKey: { eq: "unknown" } } })).toEqual(all);
  expect(await idsFor({ or: [{ typeKey: { eq: "unknown" } }, { typeKey: { in: ["maintenance"] } }] })).toEqual(all);
});

test.each(["ASC", "DESC"])("pages by state, %s, continue where the last one ended, by age within a state", async (direction) => {
  const stages = ["triage", "draft", "triage", "draft", "triage"] as const;
  const made: { id: string; state: string }[] = [];
  for (const state of stages) made.push({ id: (await acme.request(state)).id, state });
  const query = `query ($after: String) {
    requests(first: 2, after: $after, orderBy: { field: STATE, direction: ${direction} }) { pageInfo { hasNextPage endCursor } edges { node { id state } } }
  }`;
  const found: { id: string; state: string }[] = [];
  for (let after: string | null = null, isMore = true; isMore;) {
    const { requests }: Pages = await acme.operations.run<Pages>(query, { after });
    found.push(...requests.edges.map(({ node }) => node));
    ({ endCursor: after, hasNextPage: isMore } = requests.pageInfo);
  }
  expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  const ours = found.filter(({ id }) => made.some((request) => request.id === id));
  const expected = ["draft", "triage"].flatMap((state) => made.filter((request) => request.state === state));
  expect(ours).toEqual(direction === "ASC" ? expected : expected.toReversed());
});

const triage = "mutation ($input: TriageRequestInput!) { triageRequest(input: $input) { request { id } } }";
const triaged = async (values: object): Promise<string> => {
  const { id } = await acme.request("triage");
  await acme.operations.run(triage, { input: { id, ...values } });
  return id;
};
const among = (ids: readonly string[]) => async (filter: object) => (await idsFor(filter)).filter((id) => ids.includes(id)).toReversed();

test("requests are found by priority, impact, urgency, and due date", async () => {
  const urgent = await triaged({ priority: "URGENT", dueAt: "2031-01-01T00:00:00Z" });
  const high = await triaged({ priority: "HIGH", impact: "LOW", urgency: "HIGH" });
  const plain = (await acme.request("triage")).id;
  const found = among([urgent, high, plain]);
  expect(await found({ priority: { in: ["URGENT", "HIGH"] } })).toEqual([urgent, high]);
  expect(await found({ priority: { ne: "NORMAL" } })).toEqual([urgent, high]);
  expect(await found({ impact: { eq: "LOW" }, urgency: { eq: "HIGH" } })).toEqual([high]);
  expect(await found({ impact: { ne: "LOW" } })).toEqual([urgent, plain]);
  expect(await found({ dueAt: { gt: "2030-01-01T00:00:00Z" } })).toEqual([urgent]);
  expect(await found({ dueAt: { lt: "2032-01-01T00:00:00Z" } })).toEqual([urgent]);
  expect(await found({ dueAt: { isNull: true } })).toEqual([high, plain]);
  expect(await found({ not: { dueAt: { lte: "2032-01-01T00:00:00Z" } } })).toEqual([high, plain]);
  await acme.operations.run(triage, { input: { id: urgent, dueAt: null } });
  expect(await found({ dueAt: { isNull: false } })).toEqual([]);
});

test("requests are found by tags that they have now, also by tags of several words", async () => {
  const roof = await triaged({ tags: ["Roof", "needs parts"] });
  const lift = await triaged({ tags: ["lift"] });
  const plain = (await acme.request("triage")).id;
  const found = among([roof, lift, plain]);
  expect(await found({ tags: { has: "ROOF " } })).toEqual([roof]);
  expect(await found({ tags: { has: "needs parts" } })).toEqual([roof]);
  expect(await found({ tags: { has: "needs" } })).toEqual([]);
  expect(await found({ tags: { hasAny: ["lift", "roof"] } })).toEqual([roof, lift]);
  expect(await found({ tags: { hasAny: [] } })).toEqual([]);
  expect(await found({ and: [{ tags: { has: "roof" } }, { tags: { has: "lift" } }] })).toEqual([]);
  expect(await found({ not: { tags: { has: "roof" } } })).toEqual([lift, plain]);
  expect(await found({ tags: { isEmpty: true } })).toEqual([plain]);
  expect(await found({ tags: { isEmpty: false } })).toEqual([roof, lift]);
  expect(await found({ tags: { has: "lift" }, state: { eq: "triage" } })).toEqual([lift]);
  await acme.operations.run(triage, { input: { id: roof, tags: ["wall"] } });
  expect(await found({ tags: { hasAny: ["roof", "wall"] } })).toEqual([roof]);
  expect(await found({ tags: { has: "roof" } })).toEqual([]);
});

test("requests are found by any part of their number, whatever its case", async () => {
  const made = [await acme.request("triage"), await acme.request("assigned")] as const;
  const numberOf = async (id: string): Promise<string> =>
    (await acme.operations.run<{ request: { number: string } }>("query ($id: ID!) { request(id: $id) { number } }", { id })).request.number;
  const [number, other] = [await numberOf(made[0].id), await numberOf(made[1].id)];
  const found = among(made.map(({ id }) => id));
  const [first, second] = [made[0].id, made[1].id];
  for (let start = 0; start < number.length; start++)
    for (const part of [number.slice(start), number.slice(0, start + 1)]) {
      const expected = [...(number.includes(part) ? [first] : []), ...(other.includes(part) ? [second] : [])];
      expect(await found({ number: { contains: part.toLowerCase() } }), part).toEqual(expected);
    }
  expect(await found({ number: { contains: number.slice(1), ne: number } })).toEqual([]);
  expect(await found({ not: { number: { contains: number.slice(1) } } })).toEqual([second]);
  expect(await found({ or: [{ number: { contains: number } }, { number: { contains: other } }] })).toEqual([first, second]);
  expect(await found({ number: { contains: "" } })).toEqual([first, second]);
  for (const contains of ["%", "_", "\\", `${number}0`, number.repeat(20)]) expect(await found({ number: { contains } })).toEqual([]);
  const ofVendor = await idsFor({ number: { contains: other.slice(1) } }, acme.vendor.user);
  expect(ofVendor).toEqual([second]);
  expect(await idsFor({ number: { contains: number.slice(1) } }, acme.vendor.user)).not.toContain(first);
});

test("users of a vendor cannot filter by tags, nor try out tags by counts or an empty filter", async () => {
  for (const tags of [{ has: "roof" }, { hasAny: ["roof"] }, { isEmpty: true }, { isEmpty: false }])
    expect(await acme.vendor.user.refusal(list, { filter: { not: { tags } } })).toBe("FORBIDDEN");
});

test("requests are found by the users who watch them", async () => {
  const [one, other] = [(await acme.request("triage")).id, (await acme.request("triage")).id];
  const found = among([one, other]);
  const me = acme.operations.id;
  await acme.operations.run("mutation ($id: ID!) { watchRequest(input: { id: $id }) { request { id } } }", { id: one });
  expect(await found({ watcher: { eq: me } })).toEqual([one]);
  expect(await found({ watcher: { ne: me } })).toEqual([other]);
  expect(await found({ watcher: { in: [me, acme.requester.id] }, state: { eq: "triage" } })).toEqual([one]);
  expect(await found({ watcher: { isNull: true } })).toEqual([other]);
  await acme.operations.run("mutation ($id: ID!) { unwatchRequest(input: { id: $id }) { request { id } } }", { id: one });
  expect(await found({ watcher: { eq: me } })).toEqual([]);
});

test.each(["ASC", "DESC"] as const)("pages by priority and by due date, %s, together are the whole list", async (direction) => {
  const made = [
    await triaged({ priority: "LOW", dueAt: "2031-03-01T00:00:00Z" }),
    await triaged({ priority: "URGENT" }),
    await triaged({ priority: "HIGH", dueAt: "2031-02-01T00:00:00Z" }),
    await triaged({ priority: "HIGH", dueAt: "2031-02-01T00:00:00Z" }),
  ] as const;
  const [low, urgent, first, second] = made;
  const expected = { PRIORITY: [low, first, second, urgent], DUE_AT: [first, second, low, urgent] };
  for (const [field, ascending] of Object.entries(expected)) {
    const query = `query ($after: String) { requests(first: 2, after: $after, orderBy: { field: ${field}, direction: ${direction} }) {
      pageInfo { hasNextPage endCursor } edges { node { id state } } } }`;
    const found: string[] = [];
    for (let after: string | null = null, isMore = true; isMore;) {
      const { requests }: Pages = await acme.operations.run<Pages>(query, { after });
      found.push(...requests.edges.map(({ node }) => node.id));
      ({ endCursor: after, hasNextPage: isMore } = requests.pageInfo);
    }
    expect(new Set(found).size).toBe(found.length);
    expect(found.filter((id) => made.includes(id))).toEqual(direction === "ASC" ? ascending : ascending.toReversed());
  }
});

interface Pages {
  requests: { pageInfo: { hasNextPage: boolean; endCursor: string }; edges: { node: { id: string; state: string } }[] };
}
