import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const purchase = `weft: 1
key: purchase
name: Purchase
data:
  properties: { amount: { type: number }, summary: { type: string, maxLength: 20 }, buyer: { type: string } }
initial: draft
forms:
  order:
    title: Order
    fields:
      summary: { type: text, in: data, required: true, maxLength: 20 }
      amount: { type: money, currency: EUR, min: 0, in: data, required: true }
      reason: { type: text, multiline: true, visible: "input.amount > 1000", required: true }
      for: { type: asset }
      buyer: { type: user, defaultFrom: actor.id }
states:
  draft:
    transitions:
      submit: { to: review, form: order }
      drop: { to: dropped }
  review:
    task:
      title: Review
      candidates: { roles: [operations] }
      form:
        fields:
          checked: { type: multiChoice, options: [{ value: price, label: The price }, budget], required: true }
          limit: { type: number, visible: "data.amount > 1000", required: true, max: 5000 }
          lines: { type: table, columns: { what: { type: text, required: true }, who: { type: user } } }
    transitions: { approve: { to: done } }
  done: { final: completed }
  dropped: { final: cancelled }
`;

const form = "form { name title schema uiSchema data }";
const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }`;
const offered = `query ($id: ID!) { workflowInstance(id: $id) { availableTransitions { name inputSchema ${form} } tasks { id ${form} } } }`;
const fire = `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state data history { transition input } tasks { id } } } }`;
const complete = `mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { task { id status ${form} } instance { state } } }`;
const mine = `query ($first: Int) { tasks(queue: MINE, first: $first) { edges { node { id ${form} } } } }`;
const ofDefinition = `query ($id: ID!) { definition(id: $id) { forms { name title schema data } } }`;

type Form = { name: string; title: string | null; schema: { properties: Record<string, object>; required?: string[] }; data: object };
type Offered = {
  workflowInstance: { availableTransitions: { name: string; form: Form | null }[]; tasks: { id: string; form: Form | null }[] };
};

let weft: SharedWeft;
let tenant: TestTenant;
let definitionId: string;
let manager: TestUser;
let operations: TestUser;
let assetId: string;
beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  definitionId = await tenant.definition(purchase);
  [manager, operations] = [await tenant.user("workflow_manager"), await tenant.user("operations")];
  ({ assetId } = await tenant.maintenance());
});

async function started(who: TestUser, data: object = {}): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, {
    input: { definitionKey: "purchase", data },
  });
  return startWorkflow.instance.id;
}

const problemsOf = async (who: TestUser, mutation: string, input: object): Promise<string[]> => {
  const { extensions } = await who.refused(mutation, { input });
  return ((extensions?.["problems"] ?? []) as { path: string; message: string }[]).map(({ path, message }) => `${path}: ${message}`);
};

test("a transition whose input has only a schema comes with a form that is made from it", async () => {
  await tenant.definition(`weft: 1
key: described
name: Described
initial: open
states:
  open:
    transitions:
      end: { to: done, input: { required: [outcome], properties: { outcome: { type: string, maxLength: 2000 }, hours: { type: number, title: Working hours } } } }
  done: { final: completed }
`);
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(start, {
    input: { definitionKey: "described" },
  });
  const { id } = startWorkflow.instance;
  const { workflowInstance } = await manager.run<Offered>(offered, { id });
  expect(workflowInstance.availableTransitions[0]?.form).toMatchObject({
    name: "end",
    title: "End",
    schema: {
      required: ["outcome"],
      properties: { outcome: { type: "string", title: "Outcome" }, hours: { type: "number", title: "Working hours" } },
    },
    data: {},
  });
  const input = { outcome: "A new valve", hours: 1.5 };
  expect(await manager.run(fire, { input: { instanceId: id, transition: "end", input } })).toMatchObject({
    fireTransition: { instance: { state: "done" } },
  });
});

test("a transition's form comes with initial values for its viewer, and submitted answers become data", async () => {
  const id = await started(manager, { summary: "Chairs" });
  const { workflowInstance } = await manager.run<Offered>(offered, { id });
  const [submit, drop] = workflowInstance.availableTransitions;
  expect(submit).toMatchObject({ name: "submit", form: { name: "order", title: "Order", data: { summary: "Chairs", buyer: manager.id } } });
  expect(submit?.form?.schema).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
    required: ["summary", "amount"],
    allOf: [{ if: { required: ["amount"], properties: { amount: { exclusiveMinimum: 1000 } } } }],
  });
  expect(drop).toMatchObject({ name: "drop", form: null, inputSchema: null });

  const input = { summary: "Chairs", amount: 19.99, reason: "left over", for: assetId, buyer: manager.id };
  const { fireTransition } = await manager.run<{ fireTransition: { instance: object } }>(fire, {
    input: { instanceId: id, transition: "submit", input },
  });
  const { reason: _hidden, ...kept } = input;
  expect(fireTransition.instance).toMatchObject({
    state: "review",
    data: { summary: "Chairs", amount: 19.99, buyer: manager.id },
    history: [{}, { transition: "submit", input: kept }],
  });
});

test("answers that do not match the form are refused with the path of each; the instance does not change", async () => {
  const id = await started(manager);
  const fired = (input: unknown) => problemsOf(manager, fire, { instanceId: id, transition: "submit", input });
  expect(await fired({ amount: 5000, color: "red" })).toEqual([
    'input.input.summary: "summary" is required.',
    'input.input.color: There is no property "color". Known values: "summary", "amount", "reason", "for", "buyer".',
    'input.input.reason: "reason" is required.',
  ]);
  expect(await fired({ summary: "x", amount: 1.234 })).toEqual(["input.input.amount: 1.234 is not a multiple of 0.01."]);
  expect(await fired({ summary: "x", amount: 1, buyer: "usr_1" })).toEqual([expect.stringContaining("input.input.buyer:")]);
});

test(
  "users and assets must exist in this organization and be visible; whose they are otherwise is not revealed",
  { tags: "slow" },
  async () => {
    const other = await weft.tenant();
    const elsewhere = await other.maintenance();
    const { user: vendorUser } = await tenant.vendor();
    const id = await started(manager);
    const input = { summary: "x", amount: 1 };
    const fired = (more: object) => problemsOf(manager, fire, { instanceId: id, transition: "submit", input: { ...input, ...more } });
    const noUser = "input.input.buyer: No active user of your own organization with this ID (usr_…) exists.";
    const noAsset = "input.input.for: No asset with this ID (ast_…) exists.";
    expect(await fired({ buyer: other.admin.id })).toEqual([noUser]);
    expect(await fired({ buyer: "usr_01jabcdefghjkmnpqrstvwxyz0" })).toEqual([noUser]);
    expect(await fired({ buyer: vendorUser.id })).toEqual([noUser]);
    expect(await fired({ for: elsewhere.assetId, buyer: other.admin.id })).toEqual([noAsset, noUser]);
    expect(await fired({ for: "ast_01jabcdefghjkmnpqrstvwxyz0" })).toEqual([noAsset]);
    const input2 = { ...input, for: assetId, buyer: manager.id };
    const [plain, named] = [await started(manager), await started(manager)];
    await weft.weft.worker.idle();
    const looked = async (instanceId: string, filled: object) => {
      const all = await weft.statements(() => manager.run(fire, { input: { instanceId, transition: "submit", input: filled } }));
      return all.filter((text) => /workersAmong|knownAssets/.test(text)).length;
    };
    // One statement for the users, one for the assets, and none if there are none.
    expect(await looked(plain, input)).toBe(0);
    expect(await looked(named, input2)).toBe(2);
  },
);

test("a task has its own form, which can read the data; users who cannot complete the task do not see it", async () => {
  const [small, large] = [await started(manager), await started(manager)];
  const submit = (instanceId: string, input: object) => manager.run(fire, { input: { instanceId, transition: "submit", input } });
  await submit(small, { summary: "x", amount: 10 });
  await submit(large, { summary: "x", amount: 2000, reason: "many" });
  const taskOf = async (who: TestUser, id: string) => (await who.run<Offered>(offered, { id })).workflowInstance.tasks[0];
  const [ofSmall, ofLarge] = [await taskOf(operations, small), await taskOf(operations, large)];
  expect(Object.keys(ofSmall?.form?.schema.properties ?? {})).toEqual(["checked", "lines"]);
  expect(ofLarge?.form).toMatchObject({ name: "review", schema: { required: ["checked", "limit"] } });

  const completed = (task: { id: string } | undefined, input: unknown) =>
    problemsOf(operations, complete, { id: task?.id, transition: "approve", input });
  expect(await completed(ofSmall, { checked: [], limit: 1 })).toEqual([
    "input.input.checked: The list has 0 items; the minimum is 1.",
    'input.input.limit: "limit" is not asked for here.',
  ]);
  expect(
    await completed(ofLarge, { checked: ["price"], lines: [{ what: "a" }, { what: "b", who: "usr_01jabcdefghjkmnpqrstvwxyz0" }] }),
  ).toEqual(['input.input.limit: "limit" is required.']);
  expect(await completed(ofSmall, { checked: ["price"], lines: [{ what: "b", who: "usr_01jabcdefghjkmnpqrstvwxyz0" }] })).toEqual([
    "input.input.lines[0].who: No active user of your own organization with this ID (usr_…) exists.",
  ]);
  const input = {
    id: ofSmall?.id,
    transition: "approve",
    input: { checked: ["price", "budget"], lines: [{ what: "a", who: manager.id }] },
  };
  expect(await operations.run(complete, { input })).toMatchObject({
    completeTask: { task: { status: "COMPLETED", form: null }, instance: { state: "done" } },
  });

  const roleInput = {
    key: "reader",
    name: "Reader",
    permissions: [
      { permission: "workflow.read", scope: "TENANT" },
      { permission: "task.read", scope: "TENANT" },
    ],
  };
  await tenant.admin.run(`mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }`, { input: roleInput });
  expect((await taskOf(await tenant.user("reader"), large))?.form).toBeNull();
});

test("forms of many tasks take as many statements as the form of one", async () => {
  for (let made = 0; made < 3; made++) {
    const instanceId = await started(manager);
    await manager.run(fire, { input: { instanceId, transition: "submit", input: { summary: "x", amount: 1 } } });
  }
  const count = (first: number) => weft.statementCount(() => operations.run(mine, { first }));
  expect(await count(3)).toBe(await count(1));
});

test("a definition shows its forms as far as they are known without an instance; another tenant's definition shows none", async () => {
  const { definition } = await manager.run<{ definition: { forms: Form[] } }>(ofDefinition, { id: definitionId });
  expect(definition.forms.map(({ name }) => name)).toEqual(["order", "review"]);
  expect(Object.keys(definition.forms[1]?.schema.properties ?? {})).toEqual(["checked", "limit", "lines"]);
  expect(definition.forms[0]?.data).toEqual({});
  const other = await weft.tenant();
  expect(await other.admin.refusal(ofDefinition, { id: definitionId })).toBe("NOT_FOUND");
});

test("the forms of one operation are limited; a form beyond the limit is null", { tags: "slow" }, async () => {
  const options = Array.from({ length: 200 }, (_, index) => ({ value: `${index}`, label: "x".repeat(200) }));
  const fields = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, { type: "choice", options }]));
  const states = { s: { transitions: { go: { to: "e", form: { fields } } } }, e: { final: "completed" } };
  await tenant.definition(JSON.stringify({ weft: 1, key: "long", name: "Long", initial: "s", states }));
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start, {
    input: { definitionKey: "long" },
  });
  const copies = Array.from({ length: 6 }, (_, index) => `a${index}: availableTransitions { form { schema } }`).join(" ");
  const answer = await tenant.admin.send(`query ($id: ID!) { workflowInstance(id: $id) { ${copies} } }`, { id: startWorkflow.instance.id });
  expect(new Set(answer.errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(["QUERY_LIMIT_EXCEEDED"]));
});
