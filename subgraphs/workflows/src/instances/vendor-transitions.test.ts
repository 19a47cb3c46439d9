import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

const text = `weft: 1
key: job
name: Job
data: { properties: { note: { type: [string, "null"] }, cost: { type: number }, reviewer: { type: string } } }
index: [note, cost]
initial: draft
states:
  draft: { transitions: { submit: { to: work }, cancel: { to: done } } }
  work:
    transitions:
      report:
        to: review
        input: { properties: { note: { type: [string, "null"] }, cost: { type: number }, reviewer: { type: string } } }
        allow: { assignee: true }
  review:
    task: { title: Review, candidates: { from: [data.reviewer] } }
    transitions:
      accept: { to: done, allow: { candidate: true } }
      again: { to: work, allow: { roles: [admin] } }
  done: { final: completed }
`;

async function given(tenant: TestTenant, vendor: { id: string; user: TestUser }) {
  await tenant.definition(text);
  await tenant.admin.run(`mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }`, {
    input: { key: "job", name: "Job", definitionKey: "job", numberPrefix: "JB", fields: ["note"] },
  });
  const { createRequest } = await tenant.admin.run<{ createRequest: { request: { id: string } } }>(
    `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }`,
    { input: { typeKey: "job", data: { note: "first words" } } },
  );
  const { id } = createRequest.request;
  const { submitRequest } = await tenant.admin.run<{ submitRequest: { request: { workflow: { id: string } } } }>(
    `mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { workflow { id } } } }`,
    { id },
  );
  await tenant.admin.run(`mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }`, {
    input: { id, assignee: { vendorId: vendor.id } },
  });
  return submitRequest.request.workflow.id;
}
const fire = `mutation ($id: ID!, $transition: String!, $input: JSON) { fireTransition(input: { instanceId: $id, transition: $transition, input: $input }) { instance { state data } } }`;

test("indexed data that a vendor's users change is found by its new value, and no longer by the old one", async () => {
  const tenant = await weft.tenant();
  const vendor = await tenant.vendor();
  const id = await given(tenant, vendor);
  await vendor.user.run(fire, { id, transition: "report", input: { note: "second words", cost: 5 } });
  const q = `query ($f: WorkflowInstanceFilter) { workflowInstances(filter: $f) { edges { node { id } } } }`;
  const found = async (f: object) =>
    (await tenant.admin.run<{ workflowInstances: { edges: object[] } }>(q, { f })).workflowInstances.edges.length;
  expect(await found({ data: [{ field: "cost", gt: 4 }] })).toBe(1);
  expect(await found({ data: [{ field: "note", eq: "second words" }] })).toBe(1);
  expect(await found({ data: [{ field: "note", eq: "first words" }] })).toBe(0);
  expect(await found({ search: { contains: "second" } })).toBe(1);
  expect(await found({ search: { contains: "first" } })).toBe(0);
  await tenant.admin.run(fire, { id, transition: "again" });
  await vendor.user.run(fire, { id, transition: "report", input: { note: null } });
  expect(await found({ data: [{ field: "note", isNull: true }] })).toBe(1);
  expect(await found({ data: [{ field: "note", isNull: false }] })).toBe(0);
  expect(await found({ data: [{ field: "note", ne: "x" }] })).toBe(0);
});

test("they cannot name their own users, themselves included, as candidates for work of the tenant", async () => {
  const tenant = await weft.tenant();
  const vendor = await tenant.vendor();
  const id = await given(tenant, vendor);
  const grants = ["task.complete", "task.claim"].map((permission) => ({ permission, scope: "ASSIGNED" }));
  await tenant.admin.run(`mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }`, {
    input: { userId: vendor.user.id, grants, denials: [], reason: "They complete tasks" },
  });
  await vendor.user.run(fire, { id, transition: "report", input: { note: "second words", cost: 5, reviewer: vendor.user.id } });
  const { workflowInstance } = await tenant.admin.run<{ workflowInstance: { tasks: { id: string; hasNoCandidates: boolean }[] } }>(
    `query ($id: ID!) { workflowInstance(id: $id) { tasks { id hasNoCandidates } } }`,
    { id },
  );
  expect(workflowInstance.tasks[0]?.hasNoCandidates).toBe(true);
  expect(await vendor.user.refusal(fire, { id, transition: "accept" })).toBe("TRANSITION_REJECTED");
});

test("users of the tenant whom they cannot see are null, and the rest is visible", async () => {
  const tenant = await weft.tenant();
  const vendor = await tenant.vendor();
  const id = await given(tenant, vendor);
  const [first, second] = [await tenant.user("operations"), await tenant.user("operations")];
  await vendor.user.run(fire, { id, transition: "report", input: { reviewer: first.id } });
  const read = `query ($id: ID!) { workflowInstance(id: $id) { tasks { id assignee { name } delegatedFrom { name } comments { text author { name } } question { asked { name } } } } }`;
  type Read = { workflowInstance: { tasks: { id: string }[] } };
  const task = (await tenant.admin.run<Read>(read, { id })).workflowInstance.tasks[0]?.id;
  await first.run(`mutation ($id: ID!, $userId: ID!) { delegateTask(input: { id: $id, userId: $userId }) { task { id } } }`, {
    id: task,
    userId: second.id,
  });
  await second.run(`mutation ($id: ID!) { commentOnTask(input: { id: $id, text: "Late" }) { task { id } } }`, { id: task });
  expect((await vendor.user.run<Read>(read, { id })).workflowInstance.tasks).toEqual([
    { id: task, assignee: null, delegatedFrom: [null], comments: [{ text: "Late", author: null }], question: null },
  ]);
});
