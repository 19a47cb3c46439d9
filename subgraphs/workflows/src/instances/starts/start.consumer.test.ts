import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";
import { MAX_STARTS_IN_A_ROW } from "./start.consumer.js";

const order = `weft: 1
key: order
name: Order
data: { properties: { item: { type: string } } }
initial: open
states:
  open:
    transitions:
      ship: { to: open, actions: [ start: { definition: delivery, data: { parcel: data.item, by: actor.id } } ] }
      finish: { to: done, actions: [ start: { definition: survey } ] }
  done: { final: completed }
`;
const delivery = `weft: 1
key: delivery
name: Delivery
data: { required: [parcel], properties: { parcel: { type: string, maxLength: 10 }, by: { type: string } } }
initial: packed
states:
  packed: { transitions: { deliver: { to: done } } }
  done: { final: completed }
`;
const echo = `weft: 1
key: echo
name: Echo
initial: heard
states:
  heard: { onEntry: [ start: { definition: echo } ], transitions: { finish: { to: done } } }
  done: { final: completed }
`;

const fire = `mutation ($id: ID!, $transition: String!) {
  fireTransition(input: { instanceId: $id, transition: $transition }) { instance { state status version } } }`;
const list = `query ($key: String!) { workflowInstances(filter: { definitionKey: { eq: $key } }, first: 50) {
  edges { node { id data environment owner { id } team { id } parent { id } } } } }`;
const read = "query ($id: ID!) { workflowInstance(id: $id) { status incident { kind message } } }";

let weft: SharedWeft;
let tenant: TestTenant;
let manager: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  manager = await tenant.user("workflow_manager");
  await tenant.definition(order);
});

async function started(key: string, data: object = {}): Promise<string> {
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }",
    { key, data },
  );
  return startWorkflow.instance.id;
}

const instancesOf = async (key: string): Promise<object[]> =>
  (await manager.run<{ workflowInstances: { edges: { node: object }[] } }>(list, { key })).workflowInstances.edges.map(({ node }) => node);

test("an instance that cannot start stops the one that asked for it, with the reason", async () => {
  const id = await started("order", { item: "lamp" });
  await manager.run(fire, { id, transition: "ship" });
  await weft.weft.worker.idle();
  expect(await manager.run(read, { id })).toMatchObject({
    workflowInstance: {
      status: "FAILED",
      incident: { kind: "JOB", message: expect.stringContaining('The workflow "delivery" was not started: ') as string },
    },
  });
});

test("a transition starts an instance of another definition once, with the data and the owner", async () => {
  await tenant.definition(delivery);
  const id = await started("order", { item: "lamp" });
  expect(await manager.run(fire, { id, transition: "ship" })).toMatchObject({
    fireTransition: { instance: { state: "open", status: "RUNNING" } },
  });
  await weft.weft.worker.idle();
  expect(await instancesOf("delivery")).toMatchObject([
    { data: { parcel: "lamp", by: manager.id }, environment: "PROD", owner: { id: manager.id }, parent: null },
  ]);
  expect(await manager.run(read, { id })).toMatchObject({ workflowInstance: { status: "RUNNING", incident: null } });
});

test("data that the other definition refuses stops the instance, and nothing starts", async () => {
  const before = await instancesOf("delivery");
  const id = await started("order", { item: "a parcel that is too long" });
  await manager.run(fire, { id, transition: "ship" });
  await weft.weft.worker.idle();
  expect(await manager.run(read, { id })).toMatchObject({ workflowInstance: { status: "FAILED", incident: { kind: "JOB" } } });
  expect(await instancesOf("delivery")).toHaveLength(before.length);
});

test("the audit trail of an instance that has ended says what was not started", async () => {
  const id = await started("order");
  await manager.run(fire, { id, transition: "finish" });
  await weft.weft.worker.idle();
  expect(await manager.run(read, { id })).toMatchObject({ workflowInstance: { status: "COMPLETED", incident: null } });
  const trail = "query ($id: ID!) { workflowInstance(id: $id) { auditTrail(first: 9) { edges { node { action after } } } } }";
  const { workflowInstance } = await tenant.admin.run<{ workflowInstance: { auditTrail: { edges: { node: object }[] } } }>(trail, { id });
  expect(workflowInstance.auditTrail.edges.map(({ node }) => node)).toContainEqual({
    action: "workflow.failStart",
    after: { starts: "survey", reason: expect.stringContaining('The workflow "survey" was not started') as string },
  });
});

test("instances that start each other stop after the maximum", async () => {
  await tenant.definition(echo);
  await started("echo");
  await weft.weft.worker.idle();
  await expect.poll(async () => (await instancesOf("echo")).length).toBe(1 + MAX_STARTS_IN_A_ROW);
  await weft.weft.worker.idle();
  expect(await instancesOf("echo")).toHaveLength(1 + MAX_STARTS_IN_A_ROW);
});
