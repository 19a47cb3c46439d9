import { aMaintenanceTenant, loadExampleDefinition, sharedWeft, type MaintenanceTenant, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const fire = `mutation ($id: ID!, $transition: String!, $input: JSON) {
  fireTransition(input: { instanceId: $id, transition: $transition, input: $input }) { instance { state } } }`;
const read = "query ($id: ID!) { request(id: $id) { id building { id } assignee { ... on User { id } ... on Vendor { id } } } }";
const trail = `query ($id: ID!) { request(id: $id) { auditTrail(first: 50) { edges { node { action } } } } }`;

let weft: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  const source = await loadExampleDefinition("maintenance-request");
  const complete = "complete: { to: done, allow: { assignee: true },";
  await acme.tenant.definition(source.replace(complete, `${complete} actions: [ assign: instance.ownerId ],`).replace(/scenarios:.*/s, ""));
});

test("a vendor whose work an action gives to somebody else sees it in this answer for the last time", async () => {
  const request = await acme.request("assigned");
  const { user } = acme.vendor;
  await user.run(fire, { id: request.instanceId, transition: "start" });
  const input = { outcome: "A new valve" };
  expect(await user.run(fire, { id: request.instanceId, transition: "complete", input })).toEqual({
    fireTransition: { instance: { state: "done" } },
  });
  await weft.weft.worker.idle();
  expect(await user.refusal(read, { id: request.id })).toBe("NOT_FOUND");
  expect(await user.refusal("query ($id: ID!) { building(id: $id) { id } }", { id: acme.buildingId })).toBe("NOT_FOUND");
  expect(await acme.operations.run(read, { id: request.id })).toMatchObject({ request: { assignee: { id: acme.requester.id } } });
  const { request: audited } = await acme.admin.run<{ request: { auditTrail: { edges: { node: { action: string } }[] } } }>(trail, {
    id: request.id,
  });
  expect(audited.auditTrail.edges.filter(({ node: { action } }) => action === "request.assign")).toHaveLength(2);
});

test("of a user's assignment and one that an action makes at once, the latter decides whose the request and its open tasks are", async () => {
  const other = await aMaintenanceTenant(weft);
  const source = await loadExampleDefinition("maintenance-request");
  const approve = "approve: { to: assigned, allow: { roles: [workflow_manager], notSameAs: owner }";
  const look = "actions: [ openTask: { name: look, title: Look, lifetime: instance, candidates: { assignee: true } } ]";
  const pass = `pass: { to: in_progress, auto: true, when: "instance.assignee.type == 'vendor'", actions: [ assign: instance.ownerId ] }`;
  const start = "start: { to: in_progress, allow: { assignee: true } }";
  await other.tenant.definition(
    source
      .replace(approve, `${approve}, ${look}`)
      .replace(start, `${pass}\n      ${start}`)
      .replace(/scenarios:.*/s, ""),
  );
  const request = await other.request("approved");
  await other.assign(request, { vendorId: other.vendor.id });
  const tasks =
    "query ($id: ID!) { workflowInstance(id: $id) { state assignee { ... on User { id } } tasks { title status assignee { id } } } }";
  const { workflowInstance } = await other.admin.run<{ workflowInstance: { tasks: { title: string }[] } }>(tasks, {
    id: request.instanceId,
  });
  expect(workflowInstance).toMatchObject({ state: "in_progress", assignee: { id: other.requester.id } });
  expect(workflowInstance.tasks.find(({ title }) => title === "Look")).toMatchObject({
    status: "CLAIMED",
    assignee: { id: other.requester.id },
  });
  await weft.weft.worker.idle();
  expect(await other.vendor.user.refusal(read, { id: request.id })).toBe("NOT_FOUND");
});
