import { aMaintenanceTenant, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const setPermissions =
  "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { version permissionOverrides { permission scope effect reason createdBy { id } } } } }";
const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
const updateUser = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const of = (permission: string, scope = "TENANT") => ({ permission, scope });
const input = (userId: string, { grants = [], denials = [] }: { grants?: object[]; denials?: object[] }, reason = "A test") => ({
  input: { userId, grants, denials, reason },
});
const codeOf = async (who: TestUser, query: string, variables?: Record<string, unknown>) =>
  (await who.send(query, variables)).errors?.[0]?.extensions?.code ?? "answered";

describe("a grant to one user", () => {
  it("applies at once in addition to their roles, until it is revoked", async () => {
    const tenant = await weft.tenant();
    const requester = await tenant.user("requester");
    expect(await codeOf(requester, "{ vendors { totalCount } }")).toBe("FORBIDDEN");
    const shown = await tenant.admin.run<{ setUserPermissions: { user: { version: number; permissionOverrides: object[] } } }>(
      setPermissions,
      input(requester.id, { grants: [of("vendor.read")] }, "Helps with vendors in May"),
    );
    expect(shown.setUserPermissions.user.permissionOverrides).toEqual([
      { ...of("vendor.read"), effect: "GRANT", reason: "Helps with vendors in May", createdBy: { id: tenant.admin.id } },
    ]);
    expect(await codeOf(requester, "{ vendors { totalCount } }")).toBe("answered");
    // Other entries are unchanged, and repeating the call changes nothing.
    await tenant.admin.run(setPermissions, input(requester.id, { grants: [of("vendor.read"), of("team.read")] }, "Teams too"));
    const again = await tenant.admin.run<typeof shown>(
      setPermissions,
      input(requester.id, { grants: [of("team.read"), of("vendor.read")] }),
    );
    expect(again.setUserPermissions.user).toMatchObject({
      version: shown.setUserPermissions.user.version + 1,
      permissionOverrides: [{ reason: "Teams too" }, { reason: "Helps with vendors in May" }],
    });
    await tenant.admin.run(setPermissions, input(requester.id, {}));
    expect(await codeOf(requester, "{ vendors { totalCount } }")).toBe("FORBIDDEN");
  });

  it("appears in the audit log without the reason, which is personal", async () => {
    const tenant = await weft.tenant();
    const viewer = await tenant.user("viewer");
    await tenant.admin.run(setPermissions, input(viewer.id, { denials: [of("audit.read")] }, "An affair of his own"));
    const { auditEntries } = await tenant.admin.run<{ auditEntries: { edges: { node: { after: unknown } }[] } }>(
      '{ auditEntries(filter: { action: { eq: "user.setPermissions" } }) { edges { node { after } } } }',
    );
    const written = JSON.stringify(auditEntries);
    expect(written).toContain("audit.read");
    expect(written).not.toContain("affair");
  });
});

describe("a denial", () => {
  it("overrides what roles grant and removes the permission", async () => {
    const tenant = await weft.tenant();
    const viewer = await tenant.user("viewer");
    await tenant.admin.run(setPermissions, input(viewer.id, { grants: [of("vendor.read", "OWN")], denials: [of("vendor.read")] }));
    expect(await codeOf(viewer, "{ vendors { totalCount } }")).toBe("FORBIDDEN");
    const me = "{ me { effectivePermissions { permission scopes deniedScopes } permissionOverrides { permission } } }";
    const { me: shown } = await viewer.run<{ me: { effectivePermissions: { permission: string }[]; permissionOverrides: unknown[] } }>(me);
    expect(shown.effectivePermissions.find(({ permission }) => permission === "vendor.read")).toEqual({
      permission: "vendor.read",
      scopes: [],
      deniedScopes: ["TENANT"],
    });
    expect(shown.permissionOverrides).toHaveLength(2);
  });

  it("in a narrower scope removes what that scope covers, wherever rows are read or written, and nothing else", async () => {
    const acme = await aMaintenanceTenant(weft);
    const { admin, tenant, operations } = acme;
    const own = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }";
    const data = { typeKey: "maintenance", data: { summary: "Mine", estimate: 100 }, buildingId: acme.buildingId };
    const desk = await tenant.user("operations");
    const { createRequest } = await desk.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(own, {
      input: data,
    });
    const mine = createRequest.request;
    await desk.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id: mine.id });
    const theirs = await acme.request("triage");
    const taskOf = async (instanceId: string) => {
      const query = "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }";
      const { workflowInstance } = await operations.run<{ workflowInstance: { tasks: { id: string }[] } }>(query, { id: instanceId });
      return workflowInstance.tasks[0]?.id ?? "";
    };
    await admin.run(
      setPermissions,
      input(desk.id, { denials: [of("task.complete", "OWN"), of("request.read", "OWN")] }, "Nobody decides on his own requests"),
    );
    const complete = 'mutation ($id: ID!) { completeTask(input: { id: $id, transition: "escalate" }) { instance { state } } }';
    expect(await codeOf(desk, complete, { id: await taskOf(mine.workflow.id) })).toBe("NOT_FOUND");
    expect(await codeOf(desk, complete, { id: await taskOf(theirs.instanceId) })).toBe("answered");
    const request = "query ($id: ID!) { request(id: $id) { id } }";
    expect([await codeOf(desk, request, { id: mine.id }), await codeOf(desk, request, { id: theirs.id })]).toEqual([
      "NOT_FOUND",
      "answered",
    ]);
    const { requests } = await desk.run<{ requests: { totalCount: number; edges: { node: { id: string } }[] } }>(
      "{ requests { totalCount edges { node { id } } } }",
    );
    expect([requests.totalCount, requests.edges.map(({ node }) => node.id)]).toEqual([1, [theirs.id]]);
  });

  it("of an administrator's permission does not affect the last administrator", async () => {
    const { admin, ...tenant } = await administrators();
    const deny = input(tenant.second.id, { denials: [of("role.update", "OWN")] });
    await admin.run(setPermissions, deny);
    expect(await tenant.second.refusal(createRole, { input: { key: "x", name: "X", permissions: [] } })).toBe("FORBIDDEN");
    // A user with a partial denial does not count as an administrator, so the first one is the last.
    const off = "mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }";
    expect(await admin.refusal(off, { id: admin.id })).toBe("CONFLICT");
    const third = await tenant.tenant.user("admin");
    await admin.run(off, { id: tenant.second.id });
    await third.run(setPermissions, input(admin.id, { denials: [of("user.update")] }));
    // A user of a vendor does not count either, because the database rejects these changes whatever their roles.
    const { user: vendorUser } = await tenant.tenant.vendor();
    const permissions = [of("user.update"), of("role.update")];
    const { createRole: chief } = await third.run<{ createRole: { role: { id: string } } }>(createRole, {
      input: { key: "chief", name: "Chief", permissions },
    });
    await third.run(updateUser, { input: { id: vendorUser.id, roleIds: [chief.role.id] } });
    expect(await third.refusal(off, { id: third.id })).toBe("CONFLICT");
    expect(await admin.refusal(setPermissions, input(third.id, { denials: [of("user.update")] }))).toBe("FORBIDDEN");
  });
});

/** A tenant with two administrators. */
async function administrators(): Promise<{ tenant: TestTenant; admin: TestUser; second: TestUser }> {
  const tenant = await weft.tenant();
  return { tenant, admin: tenant.admin, second: await tenant.user("admin") };
}

describe("grants and denials do not escalate privileges", () => {
  it("no user changes their own, grants what they do not hold, or lifts a denial of it; without the permissions no user changes any", async () => {
    const tenant = await weft.tenant();
    const { admin } = tenant;
    const permissions = ["user.read", "user.create", "user.update", "role.read", "role.update"].map((permission) => of(permission));
    await admin.run(createRole, { input: { key: "desk", name: "Desk", permissions } });
    await admin.run(createRole, { input: { key: "people", name: "People", permissions: permissions.slice(0, 4) } });
    const [desk, people, target] = [await tenant.user("desk"), await tenant.user("people"), await tenant.user("desk")];
    expect(await desk.refusal(setPermissions, input(desk.id, {}))).toBe("FORBIDDEN");
    expect(await admin.refusal(setPermissions, input(admin.id, { grants: [of("audit.read")] }))).toBe("FORBIDDEN");
    expect(await people.refusal(setPermissions, input(target.id, { grants: [of("user.read")] }))).toBe("FORBIDDEN");
    expect(await desk.refusal(setPermissions, input(target.id, { grants: [of("audit.read")] }))).toBe("FORBIDDEN");
    expect(await desk.refusal(setPermissions, input(admin.id, { denials: [of("user.update")] }))).toBe("FORBIDDEN");
    await desk.run(setPermissions, input(target.id, { grants: [of("user.read", "OWN")], denials: [of("audit.read")] }));
    expect(await desk.refusal(setPermissions, input(target.id, { grants: [of("user.read", "OWN")] }))).toBe("FORBIDDEN");
    await admin.run(setPermissions, input(target.id, { grants: [of("audit.read")], denials: [] }));
    // Now the target has more rights.
    expect(await desk.refusal(setPermissions, input(target.id, {}))).toBe("FORBIDDEN");
    expect(await desk.refusal(updateUser, { input: { id: target.id, name: "Mine" } })).toBe("FORBIDDEN");
  });

  it("a permission that is denied to a user, even in part, cannot be granted by that user to others, who could be the same person", async () => {
    const { tenant, admin, second } = await administrators();
    await admin.run(setPermissions, input(second.id, { denials: [of("task.complete", "OWN")] }));
    const other = await tenant.user("requester");
    expect(await second.refusal(setPermissions, input(other.id, { grants: [of("task.complete", "OWN")] }))).toBe("FORBIDDEN");
    expect(await second.refusal(createRole, { input: { key: "x", name: "X", permissions: [of("task.complete")] } })).toBe("FORBIDDEN");
    expect(await second.refusal(createRole, { input: { key: "x", name: "X", permissions: [], parentKeys: ["operations"] } })).toBe(
      "FORBIDDEN",
    );
    const person = { email: "x@example.com", name: "X", password: "a quiet river 42", roleKeys: ["operations"] };
    const createUser = "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
    expect(await second.refusal(createUser, { input: person })).toBe("FORBIDDEN");
    await second.run(setPermissions, input(other.id, { grants: [of("vendor.read")] }));
  });

  it("no user leaves a team to escape what is denied to them there", async () => {
    const { tenant, admin, second } = await administrators();
    const teamId = await tenant.team("finance");
    const member = { input: { teamId, userId: second.id } };
    await admin.run("mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }", member);
    await admin.run(setPermissions, input(second.id, { denials: [of("request.read", "TEAM")] }));
    const leave = "mutation ($input: RemoveTeamMemberInput!) { removeTeamMember(input: $input) { team { id } } }";
    expect(await second.refusal(leave, member)).toBe("FORBIDDEN");
    await admin.run(leave, member);
  });
});

describe("an input", () => {
  it("that has duplicates, names no permission, gives no reason or is outdated is refused", async () => {
    const { admin, second } = await administrators();
    const problems = async (...args: Parameters<typeof input>) =>
      (await admin.refused(setPermissions, input(...args))).extensions?.problems;
    expect(await problems(second.id, { grants: [of("user.read")], denials: [of("audit.read"), of("user.read")] })).toEqual([
      { path: "input.denials.1", message: "user.read in scope TENANT is both granted and denied." },
    ]);
    expect(await problems(second.id, { denials: [of("user.fly")] }, " ")).toMatchObject([
      { path: "input.denials.0.permission" },
      { path: "input.reason" },
    ]);
    const { input: stale } = input(second.id, {});
    expect(await admin.refusal(setPermissions, { input: { ...stale, expectedVersion: 7 } })).toBe("CONFLICT");
  });

  it("about a user of another tenant finds no user", async () => {
    const [ours, theirs] = [await weft.tenant(), await weft.tenant()];
    expect(await ours.admin.refusal(setPermissions, input(theirs.admin.id, { denials: [of("user.read")] }))).toBe("NOT_FOUND");
  });
});
