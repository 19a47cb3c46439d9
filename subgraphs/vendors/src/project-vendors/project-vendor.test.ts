import {
  addDependency,
  aPlanningTenant,
  aProject,
  aTask,
  newMilestone,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
  until,
} from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const changed = "project { version vendors { role vendor { id } endedAt } }";
const assign = `mutation ($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { ${changed} } }`;
const unassign = `mutation ($input: UnassignProjectVendorInput!) { unassignProjectVendor(input: $input) { ${changed} } }`;
const history = "query ($id: ID!) { project(id: $id) { vendors(includeEnded: true) { role assignedBy { id } endedBy { id } } } }";
const read = "query ($id: ID!) { project(id: $id) { name vendors { role vendor { name } } } }";
const list = "{ projects { totalCount edges { node { vendors { role } } } } }";
const setPermissions = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";

let kit: SharedWeft;
let tenant: TestTenant;
let admin: TestUser;
beforeAll(async () => {
  kit = await sharedWeft();
  tenant = await aPlanningTenant(kit);
  ({ admin } = tenant);
});

/** Creates a vendor whose user can read the projects in which it takes part. */
async function aVendor(name: string, scope = "ASSIGNED"): Promise<{ id: string; user: TestUser }> {
  const vendor = await tenant.vendor(name);
  const input = { userId: vendor.user.id, grants: [{ permission: "project.read", scope }], denials: [], reason: "Works on projects" };
  await admin.run(setPermissions, { input });
  return vendor;
}

async function problem(mutation: string, input: object): Promise<unknown> {
  const { extensions } = await admin.refused(mutation, { input });
  return [extensions?.code, ((extensions?.["problems"] ?? []) as { path: string }[])[0]?.path];
}

test("vendors are assigned to a project with a role, and the history stays", async () => {
  const projectId = await aProject(admin);
  const { id: vendorId } = await tenant.vendor("Northwind");
  expect(await admin.run(assign, { input: { projectId, vendorId, role: " Paint ", expectedVersion: 1 } })).toEqual({
    assignProjectVendor: { project: { version: 2, vendors: [{ role: "Paint", vendor: { id: vendorId }, endedAt: null }] } },
  });
  expect(await admin.run(assign, { input: { projectId, vendorId, role: "Roof" } })).toMatchObject({
    assignProjectVendor: { project: { version: 3, vendors: [{ role: "Roof" }] } },
  });
  expect(await admin.refusal(unassign, { input: { projectId, vendorId, expectedVersion: 2 } })).toBe("CONFLICT");
  expect(await admin.run(unassign, { input: { projectId, vendorId } })).toEqual({
    unassignProjectVendor: { project: { version: 4, vendors: [] } },
  });
  const by = { assignedBy: { id: admin.id }, endedBy: { id: admin.id } };
  expect(await admin.run(history, { id: projectId })).toEqual({
    project: {
      vendors: [
        { role: "Paint", ...by },
        { role: "Roof", ...by },
      ],
    },
  });
});

test("the vendor's users see the project while it takes part, without other vendors, and are notified", async () => {
  const projectId = await aProject(admin, "Lobby");
  const [one, other, wide] = [await aVendor("Northwind"), await aVendor("Contoso"), await aVendor("Fabrikam", "TENANT")];
  expect(await one.user.refusal(read, { id: projectId })).toBe("NOT_FOUND");
  for (const { id: vendorId } of [one, other]) await admin.run(assign, { input: { projectId, vendorId, role: "Paint" } });
  const seen = { project: { name: "Lobby", vendors: [{ role: "Paint", vendor: { name: "Northwind" } }] } };
  expect(await one.user.run(read, { id: projectId })).toEqual(seen);
  expect(await one.user.run(list)).toEqual({ projects: { totalCount: 1, edges: [{ node: { vendors: [{ role: "Paint" }] } }] } });
  expect(await wide.user.refusal(read, { id: projectId })).toBe("NOT_FOUND");
  expect(await one.user.refusal(history, { id: projectId })).toBe("FORBIDDEN");
  const titles = async (who: TestUser) =>
    (
      await who.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(
        "{ notifications { edges { node { kind title } } } }",
      )
    ).notifications.edges.map(({ node }) => node);
  await until(async () => (await titles(one.user)).length > 0, { what: "the vendor's user is notified" });
  expect(await titles(one.user)).toEqual([
    { kind: "ASSIGNED", title: expect.stringMatching(/^Your company takes part in a project: Paint · \S+, Lobby$/) as string },
  ]);
  expect(await titles(wide.user)).toEqual([]);
  const whoCan = 'query ($id: ID!) { whoCan(permission: "project.read", objectId: $id) { edges { node { user { id } } } } }';
  const { whoCan: people } = await admin.run<{ whoCan: { edges: { node: { user: { id: string } } }[] } }>(whoCan, { id: projectId });
  const ids = people.edges.map(({ node }) => node.user.id);
  expect([one, other, wide].map(({ user }) => ids.includes(user.id))).toEqual([true, true, false]);
  await admin.run(unassign, { input: { projectId, vendorId: one.id } });
  expect(await one.user.refusal(read, { id: projectId })).toBe("NOT_FOUND");
  expect(await other.user.run(read, { id: projectId })).toMatchObject({ project: { name: "Lobby" } });
});

test("with its built-in role, the vendor's users see the project, their tasks with dependencies, and the milestones that need them", async () => {
  const { project } = (
    await admin.run<{ createProject: { project: { id: string } } }>(
      "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }",
      {
        input: {
          code: "P-SEEN",
          name: "Lobby",
          startsOn: "2026-03-02",
          endsOn: "2026-06-30",
          budget: { amount: 765_432, currency: "EUR" },
        },
      },
    )
  ).createProject;
  const [one, other] = [await tenant.vendor("Northwind"), await tenant.vendor("Contoso")];
  for (const { id: vendorId } of [one, other]) await admin.run(assign, { input: { projectId: project.id, vendorId, role: "Paint" } });
  const house = await aTask(admin, project.id, "Design");
  const walls = await aTask(admin, project.id, "Walls", { assigneeId: one.id });
  const doors = await aTask(admin, project.id, "Doors", { assigneeId: one.id });
  const roof = await aTask(admin, project.id, "Roof", { assigneeId: other.id });
  for (const [from, to] of [
    [house, walls],
    [walls, doors],
    [walls, roof],
    [house, roof],
  ] as const)
    await addDependency(admin, from, to);
  await newMilestone(admin, project.id, { name: "Painted", taskIds: [walls, roof] });
  await newMilestone(admin, project.id, { name: "Dry", taskIds: [roof] });
  await newMilestone(admin, project.id, { name: "Paid" });

  const seen = `query ($id: ID!) { project(id: $id) { name startsOn endsOn state status milestones { totalCount edges { node { name status isOverdue tasks { name } } } } } }`;
  expect(await one.user.run(seen, { id: project.id })).toEqual({
    project: {
      name: "Lobby",
      startsOn: "2026-03-02",
      endsOn: "2026-06-30",
      state: "planned",
      status: "RUNNING",
      milestones: {
        totalCount: 1,
        edges: [{ node: { name: "Painted", status: "PLANNED", isOverdue: expect.any(Boolean) as unknown, tasks: [{ name: "Walls" }] } }],
      },
    },
  });
  expect(await other.user.run("{ milestones { edges { node { name tasks { name } project { name } } } } }")).toEqual({
    milestones: {
      edges: [
        { node: { name: "Painted", tasks: [{ name: "Roof" }], project: { name: "Lobby" } } },
        { node: { name: "Dry", tasks: [{ name: "Roof" }], project: { name: "Lobby" } } },
      ],
    },
  });
  const tasks = `{ projectTasks(orderBy: { field: NAME, direction: ASC }) { edges { node {
    name plannedStartAt project { name } predecessors { kind predecessor { name } } successors { successor { name } } } } } }`;
  const node = { plannedStartAt: expect.any(String) as unknown, project: { name: "Lobby" } };
  expect(await one.user.run(tasks)).toEqual({
    projectTasks: {
      edges: [
        { node: { ...node, name: "Doors", predecessors: [{ kind: "FINISH_TO_START", predecessor: { name: "Walls" } }], successors: [] } },
        {
          node: {
            ...node,
            name: "Walls",
            predecessors: [],
            successors: [{ successor: { name: "Doors" } }],
          },
        },
      ],
    },
  });
  for (const field of [
    "budget { amount }",
    "actual { amount }",
    "costs { totalCount }",
    "risks { totalCount }",
    "members { role }",
    "plan { version }",
  ]) {
    const refused = await one.user.refusal(`query ($id: ID!) { project(id: $id) { ${field} } }`, { id: project.id });
    expect([field, refused]).toEqual([field, "FORBIDDEN"]);
  }
  expect(await one.user.refusal("{ milestones { edges { node { owner { id } } } } }")).toBe("FORBIDDEN");
});

test("the data of a project's workflow has no budget for the vendor's users, whatever they may read", async () => {
  const input = { code: "P-DATA", name: "Lobby", budget: { amount: 765_432, currency: "EUR" } };
  const { createProject } = await admin.run<{ createProject: { project: { id: string } } }>(
    "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }",
    { input },
  );
  const { id } = createProject.project;
  await admin.run(
    'mutation ($id: ID!) { updateProject(input: { id: $id, name: "Hall", budget: { amount: 800000, currency: "EUR" } }) { project { id } } }',
    {
      id,
    },
  );
  const { id: vendorId, user } = await tenant.vendor("Northwind");
  await admin.run(assign, { input: { projectId: id, vendorId, role: "Paint" } });
  const grants = ["workflow.read", "audit.read"].map((permission) => ({ permission, scope: "TENANT" }));
  await admin.run(setPermissions, { input: { userId: user.id, grants, denials: [], reason: "Works on projects" } });
  const query = "query ($id: ID!) { project(id: $id) { workflow { data history { changes } } } }";
  const workflow = (data: object, start: object) => ({ project: { workflow: { data, history: [{ changes: start }, { changes: data }] } } });
  expect(await user.run(query, { id })).toEqual(workflow({ name: "Hall" }, { name: "Lobby" }));
  expect(await admin.run(query, { id })).toEqual(workflow({ name: "Hall", budget: 8_000 }, { name: "Lobby", budget: 7_654.32 }));
  const trails =
    "query ($id: ID!) { project(id: $id) { auditTrail { edges { node { action } } } workflow { auditTrail { edges { node { action } } } } } }";
  expect(await user.run(trails, { id })).toEqual({ project: { auditTrail: { edges: [] }, workflow: { auditTrail: { edges: [] } } } });
  expect(JSON.stringify(await admin.run(trails, { id }))).toContain("project.update");
});

test("what cannot be assigned is refused with the path", async () => {
  const projectId = await aProject(admin);
  const { id: vendorId } = await tenant.vendor("Northwind");
  const blocked = await tenant.vendor("Contoso");
  await admin.run('mutation ($id: ID!) { blockVendor(input: { id: $id, reason: "Fraud" }) { vendor { id } } }', { id: blocked.id });
  const role = "Paint";
  expect(await problem(assign, { projectId, vendorId: blocked.id, role })).toEqual(["BAD_USER_INPUT", "input.vendorId"]);
  expect(await problem(assign, { projectId, vendorId, role: " " })).toEqual(["BAD_USER_INPUT", "input.role"]);
  expect(await problem(unassign, { projectId, vendorId })).toEqual(["BAD_USER_INPUT", "input.vendorId"]);
  await admin.run(assign, { input: { projectId, vendorId, role } });
  expect(await problem(assign, { projectId, vendorId, role })).toEqual(["BAD_USER_INPUT", "input.vendorId"]);
  const [requester, { user }] = [await tenant.user("requester"), await aVendor("Fabrikam", "TENANT")];
  for (const who of [requester, user]) expect(await who.refusal(unassign, { input: { projectId, vendorId } })).toBe("FORBIDDEN");
  const theirs = await aPlanningTenant(kit);
  expect(await theirs.admin.refusal(unassign, { input: { projectId, vendorId } })).toBe("NOT_FOUND");
  const foreign = await theirs.vendor("Theirs");
  expect(await problem(assign, { projectId, vendorId: foreign.id, role })).toEqual(["BAD_USER_INPUT", "input.vendorId"]);
});

test("of two assignments of a vendor at the same time, one is refused", async () => {
  const projectId = await aProject(admin);
  const { id: vendorId } = await tenant.vendor("Northwind");
  const results = await Promise.all([1, 2, 3].map(() => admin.send(assign, { input: { projectId, vendorId, role: "Paint" } })));
  expect(results.filter(({ errors }) => errors === undefined)).toHaveLength(1);
});

test("users of a vendor see no other vendor of a project while something is read for them that they cannot see", async () => {
  const [own, other] = [await aVendor("Southwind"), await aVendor("Westwind")];
  for (const field of ["plannedStartAt", "projectName"]) {
    const projectId = await aProject(admin);
    for (const { id: vendorId } of [own, other]) await admin.run(assign, { input: { projectId, vendorId, role: "Paint" } });
    await aTask(admin, projectId, "Build", { assigneeId: own.id });
    // The dates depend on hidden tasks. They are read at the same time as the vendors, in the same transaction.
    const query = `{ projectTasks(first: 1) { edges { node { ${field} project { vendors { vendor { name } } } } } } }`;
    expect(await own.user.run(query)).toMatchObject({
      projectTasks: { edges: [{ node: { project: { vendors: [{ vendor: { name: "Southwind" } }] } } }] },
    });
  }
});
