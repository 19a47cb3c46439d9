import { aPlanningTenant, aProject, aTask, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const changed = "project { version vendors { role vendor { id } endedAt } }";
const assign = `mutation ($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { ${changed} } }`;
const unassign = `mutation ($input: UnassignProjectVendorInput!) { unassignProjectVendor(input: $input) { ${changed} } }`;
const history = "query ($id: ID!) { project(id: $id) { vendors(includeEnded: true) { role assignedBy { id } endedBy { id } } } }";
const read = "query ($id: ID!) { project(id: $id) { name vendors { role vendor { name } } } }";
const list = "{ projects { totalCount edges { node { vendors { role } } } } }";
const setPermissions = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";

let kit: TestWeft;
let tenant: TestTenant;
let admin: TestUser;
beforeAll(async () => {
  kit = await startTestWeft();
  tenant = await aPlanningTenant(kit);
  ({ admin } = tenant);
});
afterAll(() => kit.stop());

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
  expect(await titles(one.user)).toEqual([{ kind: "ASSIGNED", title: "Your company takes part in a project: Paint" }]);
  expect(await titles(wide.user)).toEqual([]);
  const whoCan = 'query ($id: ID!) { whoCan(permission: "project.read", objectId: $id) { edges { node { user { id } } } } }';
  const { whoCan: people } = await admin.run<{ whoCan: { edges: { node: { user: { id: string } } }[] } }>(whoCan, { id: projectId });
  const ids = people.edges.map(({ node }) => node.user.id);
  expect([one, other, wide].map(({ user }) => ids.includes(user.id))).toEqual([true, true, false]);
  await admin.run(unassign, { input: { projectId, vendorId: one.id } });
  expect(await one.user.refusal(read, { id: projectId })).toBe("NOT_FOUND");
  expect(await other.user.run(read, { id: projectId })).toMatchObject({ project: { name: "Lobby" } });
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
