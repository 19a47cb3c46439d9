import { beforeAll, expect, test } from "vitest";
import { sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";

const definition = `weft: 1
key: purchase
name: Purchase
data:
  type: object
  required: [amount]
  properties:
    amount: { type: number }
    vendorName: { type: string }
    isUrgent: { type: boolean }
    due: { type: string, format: date }
    note: { type: string }
index: [amount, vendorName, isUrgent, due]
initial: open
states:
  open:
    transitions:
      change: { to: open, input: { properties: { amount: { type: number }, vendorName: { type: string } } } }
      close: { to: closed }
  closed: { final: completed }
`;

const list = `query ($filter: WorkflowInstanceFilter) {
  workflowInstances(filter: $filter, orderBy: { field: CREATED_AT, direction: ASC }) { totalCount edges { node { id data } } } }`;
const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id version } } }`;
const fire = `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id data } } }`;

type Listed = { workflowInstances: { totalCount: number; edges: { node: { id: string; data: { amount: number } } }[] } };
type Started = { startWorkflow: { instance: { id: string } } };

let weft: SharedWeft;
let tenant: TestTenant;
let ids: string[];

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  await tenant.definition(definition);
  ids = [];
  for (const data of [
    { amount: 10, vendorName: "Müller & Söhne", isUrgent: true, due: "2026-03-01", note: "hidden" },
    { amount: 2000.5, vendorName: "Fixit", isUrgent: false, due: "2026-04-01" },
    { amount: -3, vendorName: `Long ${"x".repeat(400)}` },
    { amount: 7 },
  ])
    ids.push((await tenant.admin.run<Started>(start, { input: { definitionKey: "purchase", data } })).startWorkflow.instance.id);
});

const amounts = async (filter: object) =>
  (await tenant.admin.run<Listed>(list, { filter })).workflowInstances.edges.map(({ node }) => node.data.amount);

test("numbers, texts, booleans and dates of the data are compared by their type", async () => {
  expect(await amounts({ data: [{ field: "amount", gte: 10 }] })).toEqual([10, 2000.5]);
  expect(await amounts({ data: [{ field: "amount", gt: -5, lt: 7.5 }] })).toEqual([-3, 7]);
  expect(await amounts({ data: [{ field: "amount", in: [10, 7] }] })).toEqual([10, 7]);
  expect(await amounts({ data: [{ field: "vendorName", eq: "Fixit" }] })).toEqual([2000.5]);
  expect(await amounts({ data: [{ field: "vendorName", startsWith: "Mü" }] })).toEqual([10]);
  expect(await amounts({ data: [{ field: "isUrgent", eq: true }] })).toEqual([10]);
  expect(await amounts({ data: [{ field: "due", gte: "2026-03-15" }] })).toEqual([2000.5]);
});

test("conditions are joined by and, and can be nested in or and not", async () => {
  expect(
    await amounts({
      data: [
        { field: "amount", gte: 0 },
        { field: "isUrgent", eq: false },
      ],
    }),
  ).toEqual([2000.5]);
  expect(await amounts({ or: [{ data: [{ field: "amount", lt: 0 }] }, { data: [{ field: "isUrgent", eq: true }] }] })).toEqual([10, -3]);
  expect(await amounts({ not: { data: [{ field: "vendorName", isNull: false }] } })).toEqual([7]);
});

test("a missing value matches isNull alone", async () => {
  expect(await amounts({ data: [{ field: "vendorName", isNull: true }] })).toEqual([7]);
  expect(await amounts({ data: [{ field: "vendorName", ne: "Fixit" }] })).toEqual([10, -3]);
});

test("a text that is too long for the index can still be found by its full value", async () => {
  expect(await amounts({ data: [{ field: "vendorName", eq: `Long ${"x".repeat(400)}` }] })).toEqual([-3]);
  expect(await amounts({ data: [{ field: "vendorName", eq: `Long ${"x".repeat(195)}` }] })).toEqual([]);
});

test("a search finds every word of the indexed texts by its prefix, with or without accents, and no other text", async () => {
  expect(await amounts({ search: { contains: "muller SÖH" } })).toEqual([10]);
  expect(await amounts({ search: { contains: "fixit müller" } })).toEqual([]);
  expect(await amounts({ search: { contains: "hidden" } })).toEqual([]);
  expect(await amounts({ search: { contains: "fixit' | 'long" } })).toEqual([]);
});

test("fields that no published definition indexes are refused by their position, whether data with that name exists or not", async () => {
  const problemsOf = async (filter: object, who = tenant.admin) =>
    (await who.refused(list, { filter })).extensions?.["problems"] as { path: string; message: string }[];
  expect(await problemsOf({ data: [{ field: "note", eq: "hidden" }] })).toEqual([
    {
      path: "filter.data.0.field",
      message: expect.stringContaining('No published definition lists the field "note" under `index`') as string,
    },
  ]);
  const nested = { or: [{ data: [{ field: "amount", eq: 1 }] }, { not: { data: [{ field: "vendorname", isNull: true }] } }] };
  expect(await problemsOf(nested)).toEqual([
    { path: "filter.or.1.not.data.0.field", message: expect.stringContaining('Did you mean "vendorName"?') as string },
  ]);
  // Users who cannot read definitions are not told the names of their fields.
  const permissions = [{ permission: "workflow.read", scope: "TENANT" }];
  const role = { key: "watcher", name: "Watcher", permissions };
  await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
  const [problem] = await problemsOf(nested, await tenant.user("watcher"));
  expect(problem?.message).not.toContain("vendorName");
});

test("a vendor's user, who sees only some of the definitions, does not learn which fields the others list", async () => {
  const { user } = await tenant.vendor("Looker");
  for (const field of ["amount", "amuont"]) {
    const { data, errors } = await user.send(list, { filter: { data: [{ field, isNull: false }] } });
    expect({ data, errors }).toEqual({ data: { workflowInstances: { totalCount: 0, edges: [] } }, errors: undefined });
  }
});

test("a field that only a draft indexes is refused, and one of a definition without instances finds nothing", async () => {
  const other = definition
    .replace("purchase", "order")
    .replace("vendorName", "supplier")
    .replace(/\bvendorName\b/g, "supplier");
  const asked = { data: [{ field: "supplier", eq: "Nova" }] };
  const create = `mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }`;
  await tenant.admin.run(create, { source: other });
  expect(await tenant.admin.refusal(list, { filter: asked })).toBe("BAD_USER_INPUT");
  await tenant.definition(other.replace("key: order", "key: supply"));
  expect(await amounts(asked)).toEqual([]);
});

test("values that a transition changes are found at once, and values that it removed are not", async () => {
  const [, , , last] = ids;
  await tenant.admin.run(fire, { input: { instanceId: last, transition: "change", input: { amount: 8, vendorName: "Nova" } } });
  expect(await amounts({ data: [{ field: "amount", eq: 8 }] })).toEqual([8]);
  expect(await amounts({ data: [{ field: "amount", eq: 7 }] })).toEqual([]);
  expect(await amounts({ search: { contains: "nova" } })).toEqual([8]);
});

test("invalid conditions are refused by their position", async () => {
  const refused = async (condition: object) =>
    (await tenant.admin.refused(list, { filter: { data: [{ field: "amount", ...condition }] } })).message;
  expect(await refused({})).toContain("filter.data.0");
  expect(await refused({ eq: { a: 1 } })).toContain("filter.data.0.eq");
  expect(await refused({ gt: null })).toContain("filter.data.0.gt");
  expect(await refused({ gt: true })).toContain("filter.data.0.gt");
  expect(await refused({ in: [1, "a"] })).toContain("filter.data.0.in.1");
  expect(await refused({ isNull: true, eq: 1 })).toContain("filter.data.0.isNull");
});
