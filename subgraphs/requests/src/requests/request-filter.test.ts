import { aMaintenanceTenant, startTestWeft, type MaintenanceTenant, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await startTestWeft();
  acme = await aMaintenanceTenant(weft);
});
afterAll(() => weft.stop());

type Listed = { requests: { totalCount: number; edges: { node: { id: string } }[] } };
const list = `query ($filter: RequestFilter) { requests(filter: $filter) { totalCount edges { node { id } } } }`;
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

interface Pages {
  requests: { pageInfo: { hasNextPage: boolean; endCursor: string }; edges: { node: { id: string; state: string } }[] };
}
