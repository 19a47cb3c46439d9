import { brokenInvariants, loadExampleDefinition, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const create = "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id version workflow { id } } } }";
const update = "mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { project { id version } } }";
const remove = "mutation ($input: VersionedIdInput!) { deleteProject(input: $input) { id } }";
const restore = "mutation ($input: VersionedIdInput!) { restoreProject(input: $input) { project { id code state status version } } }";
const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }";
const listDeleted = "{ deletedProjects { totalCount edges { node { id code name version deletedBy { id } } } } }";
const everywhere = `query ($id: ID!, $instance: ID!) {
  project(id: $id) { id } node(id: $id) { id } workflowInstance(id: $instance) { id }
  projects(filter: { search: { contains: "zeppelin" } }) { totalCount edges { node { id } } }
  workflowInstances { totalCount edges { node { id } } } }`;

interface Made {
  readonly id: string;
  readonly workflow: { readonly id: string };
}

let kit: TestWeft;
let acme: TestTenant;
let admin: TestUser;
beforeAll(async () => {
  kit = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await aTenant();
  admin = acme.admin;
});
afterAll(() => kit.stop());

async function aTenant(): Promise<TestTenant> {
  const tenant = await kit.tenant();
  await tenant.definition(await loadExampleDefinition("project"));
  return tenant;
}

async function made(who: TestUser, code: string, fields: object = {}): Promise<Made> {
  const input = { code, name: `${code} zeppelin`, fields };
  return (await who.run<{ createProject: { project: Made } }>(create, { input })).createProject.project;
}

async function ended(who: TestUser, code: string, fields?: object): Promise<Made> {
  const project = await made(who, code, fields);
  await who.run(fire, { input: { instanceId: project.workflow.id, transition: "cancel", comment: "No money" } });
  return project;
}

test("a deleted project disappears with its workflow, and a restored one is as it was", async () => {
  const { admin: user } = await aTenant();
  const { id, workflow } = await ended(user, "LOBBY");
  expect(await user.run(remove, { input: { id, expectedVersion: 1 } })).toEqual({ deleteProject: { id: id } });
  const { data, errors } = await user.send<object>(everywhere, { id, instance: workflow.id });
  expect(errors?.map(({ extensions }) => extensions?.["code"])).toEqual(["NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]);
  expect(data).toMatchObject({ projects: { totalCount: 0, edges: [] }, workflowInstances: { totalCount: 0, edges: [] } });
  expect(await user.run(listDeleted)).toEqual({
    deletedProjects: {
      totalCount: 1,
      edges: [{ node: { id, code: "LOBBY", name: "LOBBY zeppelin", version: 2, deletedBy: { id: user.id } } }],
    },
  });
  // In one operation, whose fields are read in one transaction.
  expect(await user.run("{ deletedProjects { totalCount } projects { totalCount edges { node { id } } } }")).toEqual({
    deletedProjects: { totalCount: 1 },
    projects: { totalCount: 0, edges: [] },
  });
  expect(await brokenInvariants({ ownerUrl: kit.database.ownerUrl })).toEqual([]);
  expect(await user.run(restore, { input: { id, expectedVersion: 2 } })).toEqual({
    restoreProject: { project: { id, code: "LOBBY", state: "cancelled", status: "CANCELLED", version: 3 } },
  });
  expect(await user.run(everywhere, { id, instance: workflow.id })).toMatchObject({
    project: { id },
    node: { id },
    workflowInstance: { id: workflow.id },
    projects: { totalCount: 1 },
    workflowInstances: { totalCount: 1 },
  });
  expect(await user.run(listDeleted)).toEqual({ deletedProjects: { totalCount: 0, edges: [] } });
  expect(await brokenInvariants({ ownerUrl: kit.database.ownerUrl })).toEqual([]);
  const asked = "query ($id: ID!) { project(id: $id) { auditTrail(first: 2) { edges { node { action } } } } }";
  const { project } = await user.run<{ project: { auditTrail: { edges: { node: { action: string } }[] } } }>(asked, { id });
  expect(project.auditTrail.edges.map(({ node }) => node.action)).toEqual(["project.restore", "project.delete"]);
});

test("a project that has not ended, and another version, cannot be deleted", async () => {
  const running = await made(admin, "RUNNING");
  expect(await admin.refusal(remove, { input: { id: running.id } })).toBe("CONFLICT");
  const { id } = await ended(admin, "ENDED");
  expect(await admin.refusal(remove, { input: { id, expectedVersion: 7 } })).toBe("CONFLICT");
  await admin.run(remove, { input: { id } });
  expect(await admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
  expect(await admin.refusal(update, { input: { id, description: "Late" } })).toBe("NOT_FOUND");
  expect(await admin.refusal(restore, { input: { id, expectedVersion: 1 } })).toBe("CONFLICT");
  expect(await admin.refusal(restore, { input: { id: running.id } })).toBe("NOT_FOUND");
});

test("a project with a running workflow about it cannot be deleted; an ended one disappears and is restored with it", async () => {
  const tenant = await aTenant();
  const user = tenant.admin;
  await tenant.definition(await loadExampleDefinition("inspection"));
  const { id, workflow } = await ended(user, "DRILL");
  const start = "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }";
  const { startWorkflow } = await user.run<{ startWorkflow: { instance: { id: string } } }>(start, {
    input: { definitionKey: "inspection", data: { name: "Roof" }, subjectId: id },
  });
  const { message, extensions } = await user.refused(remove, { input: { id } });
  expect(message).toBe('The project "DRILL" cannot be deleted while it has 1 running workflow. Cancel what is running first.');
  expect(extensions).toMatchObject({ code: "CONFLICT", dependents: { runningWorkflows: 1 } });
  const cancel = "mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id }) { instance { id } } }";
  await user.run(cancel, startWorkflow.instance);
  await user.run(remove, { input: { id } });
  const listed = "{ workflowInstances { edges { node { id } } } }";
  expect(await user.run(listed)).toEqual({ workflowInstances: { edges: [] } });
  await user.run(restore, { input: { id } });
  const both = [startWorkflow.instance.id, workflow.id].map((one) => ({ node: { id: one } }));
  expect(await user.run(listed)).toEqual({ workflowInstances: { edges: both } });
  expect(await brokenInvariants({ ownerUrl: kit.database.ownerUrl })).toEqual([]);
});

describe("custom fields of a deleted project", () => {
  const change = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }";
  const find = "query ($fields: [CustomFieldCondition!]) { projects(filter: { fields: $fields }) { edges { node { code fields } } } }";
  const found = { projects: { edges: [{ node: { code: "PIER", fields: { district: "North" } } }] } };

  async function deletedWithFields(): Promise<{ user: TestUser; tenantId: string; id: string }> {
    const { admin: user, id: tenantId } = await aTenant();
    await user.run(change, { input: { kind: "PROJECT", schema: { properties: { district: { type: "string" } } } } });
    const { id } = await ended(user, "PIER", { district: "North" });
    await user.run(remove, { input: { id } });
    return { user, tenantId, id };
  }

  test("are found after the restore if they became searchable meanwhile", async () => {
    const { user, id } = await deletedWithFields();
    await user.run(change, { input: { kind: "PROJECT", schema: { properties: { district: { type: "string", index: true } } } } });
    expect(await brokenInvariants({ ownerUrl: kit.database.ownerUrl })).toEqual([]);
    await user.run(restore, { input: { id } });
    expect(await user.run(find, { fields: [{ name: "district", eq: "North" }] })).toEqual(found);
  });

  test("are encrypted when those of other projects are", async () => {
    const { user, tenantId, id } = await deletedWithFields();
    const schema = { properties: { district: { type: "string", encrypted: true, index: true } } };
    await user.run(change, { input: { kind: "PROJECT", schema, encryptsValues: true } });
    await kit.weft.worker.idle();
    const owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => undefined });
    const [stored] = await owner`select fields from vendors.projects where tenant_id = ${tenantId}`;
    await owner.end();
    expect(stored).toEqual({ fields: { district: { $sealed: expect.any(String) as string, $index: expect.any(String) as string } } });
    await user.run(restore, { input: { id } });
    expect(await user.run(find, { fields: [{ name: "district", eq: "North" }] })).toEqual(found);
  });
});

test("the code of a deleted project is available, and then the project cannot be restored", async () => {
  const { id } = await ended(admin, "ROOF");
  await admin.run(remove, { input: { id } });
  const { id: second } = await made(admin, "ROOF");
  const { extensions } = await admin.refused(restore, { input: { id } });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.id" }] });
  await admin.run(update, { input: { id: second, code: "ROOF-2" } });
  expect(await admin.run(restore, { input: { id } })).toMatchObject({ restoreProject: { project: { code: "ROOF" } } });
});

test("of several deletions at the same time, one succeeds", async () => {
  const { id } = await ended(admin, "RACE");
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => admin.run(remove, { input: { id } })));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("users without the permission, and other tenants, cannot delete and restore projects", async () => {
  const { id } = await ended(admin, "OURS");
  const [operations, theirs, { user: vendorUser }] = [await acme.user("operations"), await aTenant(), await acme.vendor()];
  for (const who of [operations, vendorUser]) {
    expect(await who.refusal(remove, { input: { id } })).toBe("FORBIDDEN");
    expect(await who.refusal(restore, { input: { id } })).toBe("FORBIDDEN");
    expect(await who.refusal(listDeleted)).toBe("FORBIDDEN");
  }
  expect(await theirs.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
  await admin.run(remove, { input: { id } });
  expect(await theirs.admin.refusal(restore, { input: { id } })).toBe("NOT_FOUND");
  expect(await theirs.admin.run(listDeleted)).toEqual({ deletedProjects: { totalCount: 0, edges: [] } });
});
