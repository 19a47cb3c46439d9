import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const job = `weft: 1
key: job
name: Job
data: { properties: { summary: { type: string } } }
initial: draft
states:
  draft: { transitions: { submit: { to: check }, cancel: { to: dropped } } }
  check:
    task: { title: Check, candidates: { roles: [operations, workflow_manager] } }
    transitions: { approve: { to: approved, allow: { notSameAs: assignee } }, object: { to: draft } }
  approved: { transitions: { close: { to: done } } }
  done: { final: completed }
  dropped: { final: cancelled }
`;
const approve = `mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { state } } }`;
const complete = `mutation ($id: ID!) { completeTask(input: { id: $id, transition: "approve" }) { instance { state } } }`;
const fire = `mutation ($id: ID!, $transition: String!) { fireTransition(input: { instanceId: $id, transition: $transition }) { instance { version } } }`;
const assign = `mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }`;

let weft: TestWeft;
let tenant: TestTenant;
let manager: TestUser;
let operations: TestUser;
beforeAll(async () => void (weft = await startTestWeft()));
afterAll(() => weft.stop());
beforeEach(async () => {
  tenant = await weft.tenant();
  await tenant.definition(job);
  const input = { key: "job", name: "Job", definitionKey: "job", numberPrefix: "JB", fields: ["summary"] };
  await tenant.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
    input,
  });
  [manager, operations] = [await tenant.user("workflow_manager"), await tenant.user("operations")];
});

type Checked = { readonly request: string; readonly instance: string; readonly task: string };

/** A request in `check`, assigned to one user and then, if given, to another. */
async function checked(first: object, next?: object | null): Promise<Checked> {
  const { createRequest } = await tenant.admin.run<{ createRequest: { request: { id: string } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
    { input: { typeKey: "job", data: { summary: "Lift" } } },
  );
  const { id } = createRequest.request;
  const { submitRequest } = await tenant.admin.run<{
    submitRequest: { request: { workflow: { id: string; tasks: { id: string }[] } } };
  }>("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { workflow { id tasks { id } } } } }", { id });
  for (const assignee of next === undefined ? [first] : [first, next]) await tenant.admin.run(assign, { input: { id, assignee } });
  const { workflow } = submitRequest.request;
  return { request: id, instance: workflow.id, task: workflow.tasks[0]?.id ?? "" };
}

test("fireTransition and completeTask refuse a former assignee, and availableTransitions gives the reason", async () => {
  const { instance, task } = await checked({ userId: manager.id }, { userId: operations.id });
  for (const somebody of [manager, operations]) {
    expect(await somebody.refusal(approve, { id: instance })).toBe("TRANSITION_REJECTED");
    expect(await somebody.refusal(complete, { id: task })).toBe("TRANSITION_REJECTED");
  }
  const look = `query ($id: ID!) { workflowInstance(id: $id) { availableTransitions { name allowed reasons } } }`;
  expect(await manager.run(look, { id: instance })).toMatchObject({
    workflowInstance: {
      availableTransitions: [
        { name: "approve", allowed: false, reasons: [expect.stringMatching(/^The assignee and everyone who was the assignee/)] },
        { name: "object" },
      ],
    },
  });
  expect(await tenant.admin.run(complete, { id: task })).toMatchObject({ completeTask: { instance: { state: "approved" } } });
});

test("the same applies to bulk operations", async () => {
  const { instance } = await checked({ userId: manager.id }, null);
  const { bulkFireTransition } = await manager.run<{ bulkFireTransition: { operation: { id: string } } }>(
    `mutation ($ids: [ID!]) { bulkFireTransition(input: { instanceIds: $ids, transition: "approve" }) { operation { id } } }`,
    { ids: [instance] },
  );
  await weft.weft.worker.idle();
  const read = `query ($id: ID!) { bulkOperation(id: $id) { items(first: 9) { edges { node { status code } } } } }`;
  expect(await manager.run(read, { id: bulkFireTransition.operation.id })).toMatchObject({
    bulkOperation: { items: { edges: [{ node: { status: "FAILED", code: "TRANSITION_REJECTED" } }] } },
  });
});

test("members of a previously assigned team are excluded until the state is left", async () => {
  const teamId = await tenant.team("night");
  const member = await tenant.user("workflow_manager", { teams: ["night"] });
  const { instance } = await checked({ teamId }, { userId: operations.id });
  expect(await member.refusal(approve, { id: instance })).toBe("TRANSITION_REJECTED");
  await member.run(fire, { id: instance, transition: "object" });
  await member.run(fire, { id: instance, transition: "submit" });
  expect(await member.run(approve, { id: instance })).toMatchObject({ fireTransition: { instance: { state: "approved" } } });
});

const leave = "mutation ($input: RemoveTeamMemberInput!) { removeTeamMember(input: $input) { team { id } } }";

test.each([
  ["is assigned", false],
  ["was assigned", true],
])("members who leave the team that %s are excluded until the state is left", async (_when, isReassigned) => {
  const teamId = await tenant.team("night");
  const [member, other] = [await tenant.user("workflow_manager", { teams: ["night"] }), await tenant.user("workflow_manager")];
  const { instance, task } = await checked({ teamId }, isReassigned ? { userId: operations.id } : undefined);
  await tenant.admin.run(leave, { input: { teamId, userId: member.id } });
  expect(await member.refusal(approve, { id: instance })).toBe("TRANSITION_REJECTED");
  expect(await member.refusal(complete, { id: task })).toBe("TRANSITION_REJECTED");
  await other.run(fire, { id: instance, transition: "object" });
  await other.run(fire, { id: instance, transition: "submit" });
  expect(await member.run(approve, { id: instance })).toMatchObject({ fireTransition: { instance: { state: "approved" } } });
});

test("leaving a team excludes no user from instances of other teams", async () => {
  const [night, day] = [await tenant.team("night"), await tenant.team("day")];
  const member = await tenant.user("workflow_manager", { teams: ["night"] });
  const { instance } = await checked({ teamId: day });
  await tenant.admin.run(leave, { input: { teamId: night, userId: member.id } });
  expect(await member.run(approve, { id: instance })).toMatchObject({ fireTransition: { instance: { state: "approved" } } });
});

/** As an identity provider replaces the members of a team. */
async function replaceMembers(teamId: string, userId: string): Promise<void> {
  const operation = { op: "replace", path: "members", value: [{ value: userId }] };
  const body = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [operation] };
  const { sendScimRequest } = await tenant.admin.internally.run<{ sendScimRequest: { response: { httpStatus: number } } }>(
    "mutation ($input: SendScimRequestInput!) { sendScimRequest(input: $input) { response { httpStatus } } }",
    { input: { method: "PATCH", path: `Groups/${teamId}`, body } },
  );
  expect(sendScimRequest.response.httpStatus).toBe(204);
}

test.each<[string, (teamId: string, userId: string) => Promise<unknown>]>([
  ["left", (teamId, userId) => tenant.admin.run(leave, { input: { teamId, userId } })],
  ["were replaced in", async (teamId) => replaceMembers(teamId, (await tenant.user("viewer")).id)],
])("a rollback into the state again excludes members who %s the team while the instance was in that state", async (_how, remove) => {
  const teamId = await tenant.team("night");
  const member = await tenant.user("workflow_manager", { teams: ["night"] });
  const { instance } = await checked({ teamId });
  await remove(teamId, member.id);
  const { fireTransition } = await manager.run<{ fireTransition: { instance: { version: number } } }>(fire, {
    id: instance,
    transition: "object",
  });
  await manager.run(
    `mutation ($id: ID!, $toVersion: Int!) { rollbackWorkflow(input: { instanceId: $id, toVersion: $toVersion, data: CURRENT, reason: "Back" }) { instance { state } } }`,
    { id: instance, toVersion: fireTransition.instance.version - 1 },
  );
  expect(await member.refusal(approve, { id: instance })).toBe("TRANSITION_REJECTED");
  expect(await manager.run(approve, { id: instance })).toMatchObject({ fireTransition: { instance: { state: "approved" } } });
});

test("a rollback into the state restores its exclusions", async () => {
  const { instance } = await checked({ userId: manager.id }, { userId: operations.id });
  const { fireTransition } = await manager.run<{ fireTransition: { instance: { version: number } } }>(fire, {
    id: instance,
    transition: "object",
  });
  await manager.run(
    `mutation ($id: ID!, $toVersion: Int!) { rollbackWorkflow(input: { instanceId: $id, toVersion: $toVersion, data: CURRENT, reason: "Back" }) { instance { state } } }`,
    { id: instance, toVersion: fireTransition.instance.version - 1 },
  );
  expect(await manager.refusal(approve, { id: instance })).toBe("TRANSITION_REJECTED");
  expect(await tenant.admin.run(approve, { id: instance })).toMatchObject({ fireTransition: { instance: { state: "approved" } } });
});
