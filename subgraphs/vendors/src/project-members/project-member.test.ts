import { loadExampleDefinition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const create = "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }";
const changed = "project { version members { role user { id } } }";
const add = `mutation ($input: AddProjectMemberInput!) { addProjectMember(input: $input) { ${changed} } }`;
const update = `mutation ($input: UpdateProjectMemberInput!) { updateProjectMember(input: $input) { ${changed} } }`;
const remove = `mutation ($input: RemoveProjectMemberInput!) { removeProjectMember(input: $input) { ${changed} } }`;
const read = "query ($id: ID!) { project(id: $id) { code members { role user { id } } } }";
const list = "{ projects { totalCount edges { node { code } } } }";
const explain = `query ($userId: ID!, $objectId: ID!) {
  explainAccess(userId: $userId, permission: "project.read", objectId: $objectId) { isAllowed decidedBy } }`;

let kit: SharedWeft;
let tenant: TestTenant;
let admin: TestUser;
let requester: TestUser;
beforeAll(async () => {
  kit = await sharedWeft();
  tenant = await aTenant();
  ({ admin } = tenant);
  requester = await tenant.user("requester");
});

async function aTenant(): Promise<TestTenant> {
  const made = await kit.tenant();
  await made.definition(await loadExampleDefinition("project"));
  return made;
}

async function project(code: string, input: object = {}, who = admin): Promise<string> {
  const { createProject } = await who.run<{ createProject: { project: { id: string } } }>(create, {
    input: { code, name: code, ...input },
  });
  return createProject.project.id;
}

async function path(mutation: string, input: object): Promise<unknown> {
  const { extensions } = await admin.refused(mutation, { input });
  return [extensions?.code, ((extensions?.["problems"] ?? []) as { path: string }[])[0]?.path];
}

test("members are added, change their role, and are removed, as changes of the project", async () => {
  const projectId = await project("LOBBY");
  expect(await admin.run(add, { input: { projectId, userId: requester.id, expectedVersion: 1 } })).toEqual({
    addProjectMember: { project: { version: 2, members: [{ role: "MEMBER", user: { id: requester.id } }] } },
  });
  expect(await admin.run(update, { input: { projectId, userId: requester.id, role: "OBSERVER" } })).toEqual({
    updateProjectMember: { project: { version: 3, members: [{ role: "OBSERVER", user: { id: requester.id } }] } },
  });
  expect(await admin.refusal(remove, { input: { projectId, userId: requester.id, expectedVersion: 1 } })).toBe("CONFLICT");
  expect(await admin.run(remove, { input: { projectId, userId: requester.id } })).toEqual({
    removeProjectMember: { project: { version: 4, members: [] } },
  });
  const trail = await admin.run<{ project: { auditTrail: { edges: { node: object }[] } } }>(
    "query ($id: ID!) { project(id: $id) { auditTrail(first: 3) { edges { node { action before after } } } } }",
    { id: projectId },
  );
  expect(trail.project.auditTrail.edges.map(({ node }) => node)).toMatchObject([
    { action: "project.removeMember", before: { version: 3, members: [{ role: "OBSERVER" }] }, after: { version: 4, members: [] } },
    { action: "project.updateMember", before: { members: [{ role: "MEMBER" }] }, after: { members: [{ role: "OBSERVER" }] } },
    { action: "project.addMember", before: { version: 1, members: [] }, after: { version: 2, members: [{ role: "MEMBER" }] } },
  ]);
});

test("a requester sees the projects that they manage or take part in, and no others", async () => {
  const person = await tenant.user("requester");
  const [taken, managed] = [await project("TAKEN"), await project("MANAGED", { managerId: person.id })];
  const explained = async (objectId: string): Promise<object> =>
    (await admin.run<{ explainAccess: object }>(explain, { userId: person.id, objectId })).explainAccess;
  expect(await person.refusal(read, { id: taken })).toBe("NOT_FOUND");
  expect(await explained(taken)).toEqual({ isAllowed: false, decidedBy: "SCOPE" });
  await admin.run(add, { input: { projectId: taken, userId: person.id } });
  expect(await person.run(read, { id: taken })).toEqual({
    project: { code: "TAKEN", members: [{ role: "MEMBER", user: { id: person.id } }] },
  });
  expect(await explained(taken)).toEqual({ isAllowed: true, decidedBy: "SCOPE" });
  expect(await explained(managed)).toEqual({ isAllowed: true, decidedBy: "SCOPE" });
  expect(await person.run(list)).toEqual({
    projects: { totalCount: 2, edges: [{ node: { code: "MANAGED" } }, { node: { code: "TAKEN" } }] },
  });
  await admin.run(remove, { input: { projectId: taken, userId: person.id } });
  expect(await person.refusal(read, { id: taken })).toBe("NOT_FOUND");
});

test("a manager with the permission in scope ASSIGNED changes their projects only", async () => {
  const permissions = ["project.read", "project.update", "workflow.read"].map((permission) => ({ permission, scope: "ASSIGNED" }));
  await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key: "project_manager", name: "Project manager", permissions },
  });
  const manager = await tenant.user("project_manager");
  const [theirs, other] = [await project("THEIRS", { managerId: manager.id }), await project("OTHER")];
  const change = "mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { project { description } } }";
  expect(await manager.run(change, { input: { id: theirs, description: "Mine" } })).toEqual({
    updateProject: { project: { description: "Mine" } },
  });
  expect(await manager.refusal(change, { input: { id: other, description: "Mine" } })).toBe("NOT_FOUND");
  expect(await manager.refusal(add, { input: { projectId: other, userId: manager.id } })).toBe("NOT_FOUND");
});

test("unknown users, users of a vendor, and users who are no members are refused", async () => {
  const projectId = await project("ROOF");
  const { user: vendorUser } = await tenant.vendor();
  await admin.run(add, { input: { projectId, userId: requester.id } });
  for (const [mutation, input] of [
    [add, { userId: requester.id }],
    [add, { userId: vendorUser.id }],
    [update, { userId: admin.id, role: "MANAGER" }],
    [remove, { userId: admin.id }],
  ] as const)
    expect(await path(mutation, { projectId, ...input })).toEqual(["BAD_USER_INPUT", "input.userId"]);
  expect(await requester.refusal(add, { input: { projectId, userId: requester.id } })).toBe("FORBIDDEN");
  expect(await vendorUser.refusal(add, { input: { projectId, userId: requester.id } })).toBe("FORBIDDEN");
  const { admin: stranger } = await aTenant();
  expect(await stranger.refusal(add, { input: { projectId, userId: stranger.id } })).toBe("NOT_FOUND");
  expect(await path(add, { projectId, userId: stranger.id })).toEqual(["BAD_USER_INPUT", "input.userId"]);
});

test("of two who add the same user at once, one succeeds", async () => {
  const projectId = await project("RACE");
  const outcomes = await Promise.allSettled([1, 2].map(() => admin.run(add, { input: { projectId, userId: requester.id } })));
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

test("the members of many projects cost as many statements as those of one", async () => {
  const { admin: user, ...made } = await aTenantWithMembers(3);
  expect(made.count).toBe(3);
  const query = "query ($first: Int!) { projects(first: $first) { edges { node { members { role user { id name } } } } } }";
  const count = (first: number): Promise<number> => kit.statementCount(() => user.run(query, { first }));
  expect(await count(3)).toBe(await count(1));
});

async function aTenantWithMembers(count: number): Promise<{ admin: TestUser; count: number }> {
  const { admin: user } = await aTenant();
  for (let n = 0; n < count; n++) await user.run(add, { input: { projectId: await project(`P${n}`, {}, user), userId: user.id } });
  const { projects } = await user.run<{ projects: { totalCount: number } }>(list);
  return { admin: user, count: projects.totalCount };
}
