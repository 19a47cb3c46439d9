import { decodeId } from "@weft/shared/ids";
import {
  brokenInvariants,
  hierarchyDefinition,
  memberDefinition,
  newHierarchy,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const read = `query ($id: ID!) { workflowInstance(id: $id) { state status version data parent { id definitionKey } parentRule childIndex
  history { kind transition isAutomatic input }
  children(first: 2) { totalCount edges { node { id state parentRule childIndex parent { id } tasks { status } } } pageInfo { endCursor hasNextPage } } } }`;
const more = `query ($id: ID!, $after: String) { workflowInstance(id: $id) { children(first: 2, after: $after) { edges { node { childIndex } } pageInfo { hasNextPage } } } }`;
const list = `query ($filter: WorkflowInstanceFilter) { workflowInstances(first: 100, filter: $filter, orderBy: { field: CREATED_AT, direction: ASC }) {
  edges { node { id parent { id } parentRule childIndex children(first: 3) { edges { node { id } } } } } } }`;
const fire = `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id state version parent { id state version status data } } } }`;

interface Node {
  readonly id: string;
  readonly state: string;
  readonly status: string;
  readonly version: number;
  readonly data: unknown;
  readonly parent: Node | null;
  readonly parentRule: string | null;
  readonly childIndex: number | null;
  readonly history: readonly {
    readonly kind: string;
    readonly transition: string | null;
    readonly isAutomatic: boolean;
    readonly input: unknown;
  }[];
  readonly children: {
    readonly totalCount: number;
    readonly edges: readonly { readonly node: Node }[];
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  };
}
type Listed = { workflowInstances: { edges: { node: Node }[] } };

let weft: TestWeft;
let tenant: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  tenant = await aTenant();
});
afterAll(() => weft.stop());

async function aTenant(): Promise<TestTenant> {
  const made = await weft.tenant();
  await made.definition(memberDefinition);
  await made.definition(hierarchyDefinition);
  return made;
}

const instance = async (user: TestUser, id: string) => (await user.run<{ workflowInstance: Node }>(read, { id })).workflowInstance;
const listed = async (user: TestUser, filter: object) =>
  (await user.run<Listed>(list, { filter })).workflowInstances.edges.map(({ node }) => node);
const finish = async (user: TestUser, instanceId: string | undefined, transition = "finish") =>
  (await user.run<{ fireTransition: { instance: Node } }>(fire, { input: { instanceId, transition } })).fireTransition.instance;

test("an instance shows its children page by page, and each child its parent", async () => {
  const { admin } = tenant;
  const { id, children } = await newHierarchy(admin, ["a", "b", "c"]);
  const hierarchy = await instance(admin, id);
  expect(hierarchy).toMatchObject({ state: "together", parent: null, parentRule: null, childIndex: null });
  expect(hierarchy.children).toMatchObject({
    totalCount: 3,
    edges: [
      { node: { id: children[0], state: "open", parentRule: "member", childIndex: 0, parent: { id }, tasks: [{ status: "OPEN" }] } },
      { node: { childIndex: 1 } },
    ],
    pageInfo: { hasNextPage: true },
  });
  const { workflowInstance: rest } = await admin.run<{ workflowInstance: Node }>(more, {
    id,
    after: hierarchy.children.pageInfo.endCursor,
  });
  expect(rest.children).toMatchObject({ edges: [{ node: { childIndex: 2 } }], pageInfo: { hasNextPage: false } });
  expect(await instance(admin, children[1] ?? "")).toMatchObject({
    parent: { id, definitionKey: "family" },
    parentRule: "member",
    childIndex: 1,
  });
});

test("the end of the last child transitions its parent, which the response already shows", async () => {
  const { admin } = tenant;
  const { id, children } = await newHierarchy(admin, ["a", "b"]);
  expect(await finish(admin, children[1])).toMatchObject({ state: "done", parent: { id, state: "together", version: 2 } });
  expect(await finish(admin, children[0])).toMatchObject({
    state: "done",
    parent: { id, state: "done", status: "COMPLETED", version: 4, data: { results: [{ name: "a" }, { name: "b" }] } },
  });
  expect((await instance(admin, id)).history).toMatchObject([
    { kind: "START" },
    { kind: "CHILD", isAutomatic: true, input: { rule: "member", index: 1, outcome: "completed" } },
    { kind: "CHILD" },
    { kind: "TRANSITION", transition: "finished", isAutomatic: true },
  ]);
});

test("a failed child fires the join's other transition and ends the rest; a cancelled parent ends all of them", async () => {
  const { admin } = tenant;
  const failing = await newHierarchy(admin, ["a", "b", "c"]);
  expect(await finish(admin, failing.children[1], "fail")).toMatchObject({ parent: { state: "trouble", status: "RUNNING" } });
  expect((await listed(admin, { parentId: { eq: failing.id }, status: { eq: "CANCELLED" } })).map(({ childIndex }) => childIndex)).toEqual([
    0, 2,
  ]);
  const ended = await newHierarchy(admin, ["a", "b"]);
  await admin.run(`mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id }) { instance { id } } }`, { id: ended.id });
  expect(await listed(admin, { parentId: { eq: ended.id }, status: { ne: "CANCELLED" } })).toEqual([]);
  await expect(admin.run(fire, { input: { instanceId: failing.id, transition: "finished" } })).rejects.toThrow("TRANSITION_REJECTED");
});

test("lists can be filtered by the parent; many parents with their children take as many statements as one", async () => {
  const { admin } = tenant;
  const first = await newHierarchy(admin, ["a"]);
  const namesOf = async (run: () => Promise<unknown>) =>
    (await weft.fewestStatements(run)).map((text) => /^\/\* (\w+)/.exec(text)?.[1]).filter((name) => name?.startsWith("select"));
  expect(await namesOf(() => listed(admin, { parentId: { eq: first.id } }))).toEqual([
    "selectInstancePage",
    "selectInstances",
    "selectChildrenOf",
  ]);
  expect(await namesOf(() => listed(admin, {}))).toEqual(["selectInstancePage", "selectInstances", "selectChildrenOf"]);
  const second = await newHierarchy(admin, ["b", "c"]);
  expect((await listed(admin, { parentId: { in: [first.id, second.id] } })).map(({ id }) => id)).toEqual([
    ...first.children,
    ...second.children,
  ]);
  const roots = await listed(admin, { parentId: { isNull: true } });
  expect(roots.map(({ id }) => id)).toContain(second.id);
  expect(roots.filter(({ parent }) => parent !== null)).toEqual([]);
});

test("a user who sees only a child does not learn its parent", async () => {
  const { admin } = tenant;
  const { id, children } = await newHierarchy(admin, ["a", "b"]);
  const { id: vendorId, user } = await tenant.vendor();
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  const [tenantUuid, vendorUuid, child] = [tenant.id, decodeId("vendor", vendorId), decodeId("instance", children[0] ?? "")];
  await owner`update workflows.instances set assignee_vendor_id = ${vendorUuid} where tenant_id = ${tenantUuid} and id = ${child}`;
  await owner`insert into app.object_access (tenant_id, object_id, vendor_id) values (${tenantUuid}, ${child}, ${vendorUuid})`;
  await owner.end();
  expect(await listed(user, {})).toEqual([{ id: children[0], parent: null, parentRule: null, childIndex: null, children: { edges: [] } }]);
  for (const filter of [{ eq: id }, { in: [id] }, { ne: children[0] }, { isNull: false }])
    expect(await listed(user, { parentId: filter })).toEqual([]);
  expect(await listed(user, { parentId: { isNull: true } })).toHaveLength(1);
  // The end of the child still affects the parent.
  expect(await finish(user, children[0], "fail")).toMatchObject({ state: "failed", parent: null });
  expect(await instance(admin, id)).toMatchObject({ state: "trouble" });
});

test("another tenant's parent is treated as one that does not exist", async () => {
  const { id } = await newHierarchy(tenant.admin, ["a"]);
  const other = await aTenant();
  expect(await listed(other.admin, { parentId: { eq: id } })).toEqual([]);
  await expect(instance(other.admin, id)).rejects.toThrow("NOT_FOUND");
});

test("after all of this the invariants hold", async () => {
  await weft.weft.worker.idle();
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
