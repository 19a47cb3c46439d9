import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

interface Step {
  readonly step: string;
  readonly index: number | null;
  readonly status: string;
  readonly attempts: number;
  readonly outputs: Record<string, unknown> | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

interface Instance {
  readonly id: string;
  readonly state: string;
  readonly status: string;
  readonly definitionKey: string;
  readonly data: Record<string, unknown>;
  readonly parent: { readonly id: string } | null;
  readonly parentRule: string | null;
  readonly childIndex: number | null;
  readonly children: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly definitionKey: string; readonly status: string } }[];
  };
  readonly runs: readonly { readonly id: string; readonly status: string; readonly steps: readonly Step[] }[];
}

const read = `query ($id: ID!) { workflowInstance(id: $id) { id state status definitionKey data parent { id } parentRule childIndex
  children(first: 100) { edges { node { id definitionKey status } } }
  runs { id status steps { step index status attempts outputs error { code message } } } } }`;

const automation = (key: string, rest: string): string => `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\n${rest}`;

const greeting = automation(
  "greeting",
  `inputs: { name: { type: string, required: true } }
steps: [{ id: greet, type: set, with: { values: { text: "Hello {{ inputs.name }}" } } }]
outputs: { text: "{{ steps.greet.outputs.text }}" }
`,
);
const failing = automation("failing", `steps: [{ id: check, type: assert, with: { that: false, message: "The disk is full." } }]\n`);
const resting = automation("resting", `steps: [{ id: rest, type: wait, with: { for: 1h } }]\n`);

async function aTenant(...definitions: readonly string[]): Promise<TestTenant> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return tenant;
}

const get = async (who: TestUser, id: string): Promise<Instance> =>
  (await who.run<{ workflowInstance: Instance }>(read, { id })).workflowInstance;

async function ran(who: TestUser, key: string, data: object = {}): Promise<Instance> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }",
    { key, data },
  );
  await weft.weft.worker.idle();
  return get(who, startWorkflow.instance.id);
}

async function childrenOf(who: TestUser, { children }: Instance): Promise<Instance[]> {
  const found: Instance[] = [];
  for (const { node } of children.edges) found.push(await get(who, node.id));
  return found;
}

const stepsOf = ({ runs }: Instance): readonly Step[] => runs[0]?.steps ?? [];

const cancel = (who: TestUser, id: string): Promise<unknown> =>
  who.run("mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id }) { instance { id } } }", { id });

test.concurrent("a workflow step starts an automation, waits for it, and has its outputs", async () => {
  const parent = automation(
    "parent",
    `steps: [{ id: ask, type: workflow, with: { key: greeting, inputs: { name: Ada } } }]
outputs: { said: "{{ steps.ask.outputs.outputs.text }}" }
`,
  );
  const { admin } = await aTenant(greeting, parent);
  const instance = await ran(admin, "parent");
  expect(instance).toMatchObject({ state: "succeeded", data: { outputs: { said: "Hello Ada" } } });
  const [child] = await childrenOf(admin, instance);
  expect(child).toMatchObject({ definitionKey: "greeting", parent: { id: instance.id }, parentRule: "steps.ask", childIndex: 0 });
  expect(stepsOf(instance)[0]?.outputs).toEqual({ instance_id: child?.id, run_id: child?.runs[0]?.id, outputs: { text: "Hello Ada" } });
});

test.concurrent("a workflow step fails with the error of its automation, and each further attempt starts another one", async () => {
  const parent = automation(
    "parent",
    "steps: [{ id: ask, type: workflow, with: { key: failing }, retry: { attempts: 2, delay: 1s, backoff: constant } }]\n",
  );
  const { admin } = await aTenant(failing, parent);
  const { id } = await ran(admin, "parent");
  await expect.poll(async () => (await get(admin, id)).state, { timeout: 20_000 }).toBe("failed");
  const instance = await get(admin, id);
  expect(stepsOf(instance)).toMatchObject([
    { status: "FAILED", attempts: 2, error: { code: "WORKFLOW_FAILED", message: "failing: Step check: The disk is full." } },
  ]);
  expect((await childrenOf(admin, instance)).map(({ childIndex }) => childIndex)).toEqual([0, 1]);
});

test.concurrent("a workflow step that does not wait goes on at once, and its automation outlives the run", async () => {
  const parent = automation("parent", "steps: [{ id: ask, type: workflow, with: { key: resting, await: false } }]\n");
  const { admin } = await aTenant(resting, parent);
  const instance = await ran(admin, "parent");
  expect(instance.state).toBe("succeeded");
  const [child] = await childrenOf(admin, instance);
  expect(child?.status).toBe("RUNNING");
  expect(stepsOf(instance)[0]?.outputs).toEqual({ instance_id: child?.id, run_id: child?.runs[0]?.id });
});

test.concurrent("canceling an instance stops the automations that its steps wait for, down to the last level", async () => {
  const middle = automation("middle", "steps: [{ id: ask, type: workflow, with: { key: resting } }]\n");
  const parent = automation("parent", "steps: [{ id: ask, type: workflow, with: { key: middle } }]\n");
  const { admin } = await aTenant(resting, middle, parent);
  const instance = await ran(admin, "parent");
  const [child] = await childrenOf(admin, instance);
  const [grandchild] = child ? await childrenOf(admin, child) : [];
  expect(grandchild?.status).toBe("RUNNING");
  await cancel(admin, instance.id);
  await weft.weft.worker.idle();
  expect((await get(admin, child?.id ?? "")).status).toBe("CANCELLED");
  expect((await get(admin, grandchild?.id ?? "")).status).toBe("CANCELLED");
});

test.concurrent("the failure of one step stops the automation that another one waits for", async () => {
  const parent = automation(
    "parent",
    `steps:
  - { id: ask, type: workflow, with: { key: resting } }
  - { id: fail, type: workflow, depends_on: [], with: { key: failing } }
`,
  );
  const { admin } = await aTenant(resting, failing, parent);
  const instance = await ran(admin, "parent");
  expect(instance.state).toBe("failed");
  const endings = (await childrenOf(admin, instance)).map(({ definitionKey, status }) => `${definitionKey} ${status}`);
  expect(endings.toSorted()).toEqual(["failing COMPLETED", "resting CANCELLED"]);
});

test.concurrent("a step whose automation was canceled by somebody fails, and is not tried again", async () => {
  const parent = automation("parent", "steps: [{ id: ask, type: workflow, with: { key: resting }, retry: 3 }]\n");
  const { admin } = await aTenant(resting, parent);
  const instance = await ran(admin, "parent");
  await cancel(admin, instance.children.edges[0]?.node.id ?? "");
  await weft.weft.worker.idle();
  expect(stepsOf(await get(admin, instance.id))).toMatchObject([
    { status: "FAILED", attempts: 1, error: { code: "WORKFLOW_CANCELLED", message: "resting was canceled." } },
  ]);
});

test.concurrent("a workflow step with a timeout stops an automation that takes too long", async () => {
  const parent = automation("parent", "steps: [{ id: ask, type: workflow, with: { key: resting }, timeout: 1s }]\n");
  const { admin } = await aTenant(resting, parent);
  const { id } = await ran(admin, "parent");
  await expect.poll(async () => (await get(admin, id)).state, { timeout: 20_000 }).toBe("failed");
  const instance = await get(admin, id);
  expect(stepsOf(instance)[0]?.error).toEqual({ code: "TIMEOUT", message: "resting did not end within 1 seconds." });
  expect((await childrenOf(admin, instance))[0]?.status).toBe("CANCELLED");
});

test.concurrent("a workflow step starts an ordinary workflow, and its data become the outputs", async () => {
  const note = `weft: 1
key: note
name: Note
data: { properties: { text: { type: string } } }
initial: written
states:
  written: { final: completed }
`;
  const parent = automation(
    "parent",
    `steps: [{ id: ask, type: workflow, with: { key: note, inputs: { text: hi } } }]
outputs: { text: "{{ steps.ask.outputs.outputs.text }}" }
`,
  );
  const { admin } = await aTenant(note, parent);
  const instance = await ran(admin, "parent");
  expect(instance).toMatchObject({ state: "succeeded", data: { outputs: { text: "hi" } } });
});

test.concurrent.each([
  ["yes", "succeeded", null],
  ["no", "failed", { code: "WORKFLOW_FAILED", message: "decision: It ended in the state refused." }],
])("a step waits until people have decided with %s, and without a worker", async (transition, state, error) => {
  const decision = `weft: 1
key: decision
name: Decision
initial: open
states:
  open: { transitions: { yes: { to: done }, no: { to: refused } } }
  done: { final: completed }
  refused: { final: rejected }
`;
  const parent = automation("parent", "steps: [{ id: ask, type: workflow, with: { key: decision } }]\n");
  const { admin } = await aTenant(decision, parent);
  const instance = await ran(admin, "parent");
  expect(stepsOf(instance)).toMatchObject([{ status: "WAITING", attempts: 1 }]);
  const fire =
    "mutation ($id: ID!, $transition: String!) { fireTransition(input: { instanceId: $id, transition: $transition }) { instance { id } } }";
  await admin.run(fire, { id: instance.children.edges[0]?.node.id, transition });
  await weft.weft.worker.idle();
  const after = await get(admin, instance.id);
  expect(after.state).toBe(state);
  expect(stepsOf(after)[0]?.error).toEqual(error);
});

test.concurrent("an automation whose steps start unknown ones is saved with warnings", async () => {
  const { admin } = await aTenant();
  const source = automation("parent", "steps: [{ id: ask, type: workflow, with: { key: nowhere } }]\n");
  const { validateDefinition } = await admin.run<{ validateDefinition: { warnings: object[] } }>(
    "query ($source: String!) { validateDefinition(source: $source) { warnings { code path line } } }",
    { source },
  );
  expect(validateDefinition.warnings).toEqual([{ code: "UNKNOWN_DEFINITION", path: "steps[0].with.key", line: 5 }]);
});

test.concurrent("the automations of a list give their outputs in the order of the items", async () => {
  const parent = automation(
    "parent",
    `inputs: { names: { type: array, items: { type: string } } }
steps: [{ id: ask, type: workflow, for_each: { in: "{{ inputs.names }}", concurrency: 2 }, with: { key: greeting, inputs: { name: "{{ item }}" } } }]
outputs: { all: "{{ steps.ask.outputs.items }}" }
`,
  );
  const { admin } = await aTenant(greeting, parent);
  const instance = await ran(admin, "parent", { names: ["a", "b", "c"] });
  const { all } = instance.data["outputs"] as { all: { outputs: { text: string } }[] };
  expect(all.map(({ outputs }) => outputs.text)).toEqual(["Hello a", "Hello b", "Hello c"]);
  expect((await childrenOf(admin, instance)).map(({ parentRule }) => parentRule)).toEqual(["steps.ask[0]", "steps.ask[1]", "steps.ask[2]"]);
});

test.concurrent.each([
  ["an automation that does not exist", "key: nowhere", "WORKFLOW_UNKNOWN", /no published definition "nowhere"/],
  ["inputs that do not match", "key: greeting, inputs: { name: 5 }", "INPUT_INVALID", /inputs\.name: Expected text/],
  ["a missing input", "key: greeting", "INPUT_INVALID", /name/],
  ["a key that is not valid", 'key: "{{ run.id }}!"', "INPUT_INVALID", /with\.key/],
])("%s fails the step for good, whatever its retries", async (_what, input, code, message) => {
  const parent = automation("parent", `steps: [{ id: ask, type: workflow, with: { ${input} }, retry: 5 }]\n`);
  const { admin } = await aTenant(greeting, parent);
  expect(stepsOf(await ran(admin, "parent"))).toMatchObject([
    { status: "FAILED", attempts: 1, error: { code, message: expect.stringMatching(message) as string } },
  ]);
});

test.concurrent("an automation that starts itself is refused at the sixth level", async () => {
  const { admin } = await aTenant(automation("endless", "steps: [{ id: again, type: workflow, with: { key: endless } }]\n"));
  let instance = await ran(admin, "endless");
  expect(instance.state).toBe("failed");
  let levels = 1;
  for (let [child] = await childrenOf(admin, instance); child; [child] = await childrenOf(admin, child)) {
    instance = child;
    levels++;
  }
  expect(levels).toBe(6);
  expect(stepsOf(instance)[0]?.error).toMatchObject({
    code: "WORKFLOW_LIMIT",
    message: expect.stringContaining("the maximum is 5") as string,
  });
});

test.concurrent("the automation that a step falls back to does its work, and its outputs become those of the step", async () => {
  const parent = automation(
    "parent",
    `steps:
  - { id: try, type: workflow, with: { key: failing }, on_failure: { workflow: greeting, inputs: { name: "{{ steps.try.error.code }}" } } }
outputs: { text: "{{ steps.try.outputs.text }}" }
`,
  );
  const { admin } = await aTenant(greeting, failing, parent);
  const instance = await ran(admin, "parent");
  expect(instance).toMatchObject({ state: "succeeded", data: { outputs: { text: "Hello WORKFLOW_FAILED" } } });
  expect(instance.children.edges.map(({ node }) => node.definitionKey)).toEqual(["failing", "greeting"]);
});

test.concurrent.each([
  ["fails", "failing", "WORKFLOW_FAILED"],
  ["cannot start", "nowhere", "WORKFLOW_UNKNOWN"],
])("a step fails if the automation that it falls back to %s", async (_what, fallback, code) => {
  const parent = automation("parent", `steps: [{ id: try, type: assert, with: { that: false }, on_failure: { workflow: ${fallback} } }]\n`);
  const { admin } = await aTenant(failing, parent);
  const instance = await ran(admin, "parent");
  expect(instance.state).toBe("failed");
  expect(stepsOf(instance)).toMatchObject([{ status: "FAILED", error: { code } }]);
});

test.concurrent("canceling the run stops the automation that a step has fallen back to", async () => {
  const parent = automation("parent", `steps: [{ id: try, type: assert, with: { that: false }, on_failure: { workflow: resting } }]\n`);
  const { admin } = await aTenant(resting, parent);
  const instance = await ran(admin, "parent");
  expect(stepsOf(instance)).toMatchObject([{ status: "WAITING" }]);
  await cancel(admin, instance.id);
  await weft.weft.worker.idle();
  expect((await childrenOf(admin, instance))[0]?.status).toBe("CANCELLED");
});

test.concurrent("a failed run undoes its steps with automations, one after the other", async () => {
  const parent = automation(
    "parent",
    `steps:
  - { id: one, type: set, with: { values: { n: 1 } }, compensate: { type: workflow, with: { key: greeting, inputs: { name: "{{ steps.one.outputs.n }} undone" } } } }
  - { id: two, type: workflow, with: { key: greeting, inputs: { name: two } }, compensate: { type: workflow, with: { key: greeting, inputs: { name: two undone } } } }
  - { id: fail, type: assert, with: { that: false }, on_failure: compensate }
`,
  );
  const { admin } = await aTenant(greeting, parent);
  const instance = await ran(admin, "parent");
  expect(instance.state).toBe("failed");
  const children = await childrenOf(admin, instance);
  expect(children.map(({ parentRule, data }) => `${parentRule} ${(data["outputs"] as { text: string }).text}`)).toEqual([
    "steps.two Hello two",
    "steps.two.undo Hello two undone",
    "steps.one.undo Hello 1 undone",
  ]);
});

const inbox = "{ notifications(first: 10) { edges { node { kind title } } } }";
const titles = async (who: TestUser): Promise<string[]> => {
  await weft.weft.worker.idle();
  const { notifications } = await who.run<{ notifications: { edges: { node: { title: string } }[] } }>(inbox);
  return notifications.edges.map(({ node }) => node.title);
};

test.concurrent("a notify step notifies the owner, and users with the role, in one line", async () => {
  const tenant = await aTenant(
    automation("told", `steps: [{ id: tell, type: notify, with: { to: [owner, operations], title: "Run {{ 1 + 1 }}\\n is over" } }]\n`),
  );
  const operator = await tenant.user("operations");
  const other = await tenant.user("viewer");
  expect((await ran(tenant.admin, "told")).state).toBe("succeeded");
  expect(await titles(tenant.admin)).toContain("Run 2 is over");
  expect(await titles(operator)).toContain("Run 2 is over");
  expect(await titles(other)).toEqual([]);
});

test.concurrent("a failure notifies the people that `on_failure` names", async () => {
  const { admin } = await aTenant(
    automation(
      "told",
      `steps: [{ id: check-disk, type: assert, with: { that: false, message: Full. }, on_failure: { notify: [owner] } }]\n`,
    ),
  );
  expect((await ran(admin, "told")).state).toBe("failed");
  expect(await titles(admin)).toContain("Check disk has failed: Full.");
});

const declare = `mutation { declareEventType(input: { name: "custom.order.paid", description: "An order was paid.",
  payloadSchema: { type: "object", properties: { total: { type: "integer" } }, required: ["total"] } }) { eventType { id } } }`;
const emitted = automation(
  "paid",
  `inputs: { total: { type: integer } }
steps: [{ id: tell, type: emit, with: { type: custom.order.paid, payload: { total: "{{ inputs.total }}" } }, retry: 4 }]
`,
);

test.concurrent("an emit step publishes an event of a declared type, once", async () => {
  const { admin } = await aTenant(emitted);
  await admin.run(declare);
  expect((await ran(admin, "paid", { total: 7 })).state).toBe("succeeded");
  const { events } = await admin.run<{ events: { edges: { node: { payload: unknown } }[] } }>(
    `{ events(first: 10, filter: { type: { in: ["custom.order.paid"] } }) { edges { node { payload } } } }`,
  );
  expect(events.edges.map(({ node }) => node.payload)).toEqual([{ total: 7 }]);
});

test.concurrent("an emit step whose type is not declared fails for good", async () => {
  const { admin } = await aTenant(emitted);
  expect(stepsOf(await ran(admin, "paid", { total: 7 }))[0]).toMatchObject({ attempts: 1, error: { code: "EVENT_TYPE_UNKNOWN" } });
});

test.concurrent("an emit step whose payload does not match its type fails for good, and publishes nothing", async () => {
  const { admin } = await aTenant(emitted);
  await admin.run(declare);
  expect(stepsOf(await ran(admin, "paid"))[0]).toMatchObject({ attempts: 1, error: { code: "INPUT_INVALID" } });
});
