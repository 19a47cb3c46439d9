import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
const updateRole = "mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { parents { key } } } }";
const setPermissions = "mutation ($input: SetRolePermissionsInput!) { setRolePermissions(input: $input) { role { id } } }";
const deleteRole = "mutation ($input: VersionedIdInput!) { deleteRole(input: $input) { id } }";
const updateUser = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const tenantWide = (...permissions: string[]) => permissions.map((permission) => ({ permission, scope: "TENANT" }));

async function make(
  who: TestUser,
  key: string,
  { grants = [], parents = [] }: { grants?: string[]; parents?: string[] } = {},
): Promise<string> {
  const input = { key, name: key, permissions: tenantWide(...grants), parentKeys: parents };
  return (await who.run<{ createRole: { role: { id: string } } }>(createRole, { input })).createRole.role.id;
}

const roleId = async (who: TestUser, key: string): Promise<string> => {
  const query = "query ($key: String!) { roles(filter: { key: { eq: $key } }) { edges { node { id } } } }";
  const { roles } = await who.run<{ roles: { edges: { node: { id: string } }[] } }>(query, { key });
  return roles.edges[0]?.node.id ?? "";
};

/** chief → lead → clerk. The clerk can read teams, the lead buildings. */
async function threeRoles({ admin }: TestTenant) {
  const clerk = await make(admin, "clerk", { grants: ["team.read"] });
  const lead = await make(admin, "lead", { grants: ["building.read"], parents: ["clerk"] });
  const chief = await make(admin, "chief", { parents: ["lead"] });
  return { clerk, lead, chief };
}

describe("a role that inherits", () => {
  it("grants what its ancestors grant, including changes there at once, and no longer what they have stopped granting", async () => {
    const tenant = await weft.tenant();
    const { admin } = tenant;
    const { clerk, lead } = await threeRoles(tenant);
    const chief = await tenant.user("chief");
    const reads = async () => [
      (await chief.send("{ teams { totalCount } }")).errors?.[0]?.extensions?.code,
      (await chief.send("{ buildings { totalCount } }")).errors?.[0]?.extensions?.code,
    ];
    expect(await reads()).toEqual([undefined, undefined]);
    await admin.run(setPermissions, { input: { roleId: clerk, permissions: [] } });
    expect(await reads()).toEqual(["FORBIDDEN", undefined]);
    await admin.run(setPermissions, { input: { roleId: clerk, permissions: tenantWide("team.read") } });
    expect(await reads()).toEqual([undefined, undefined]);
    await admin.run(updateRole, { input: { id: lead, parentIds: [] } });
    expect(await reads()).toEqual(["FORBIDDEN", undefined]);
    await admin.run(updateRole, { input: { id: lead, parentKeys: ["clerk"], name: "Lead of clerks" } });
    expect(await reads()).toEqual([undefined, undefined]);
  });

  it("shows its parents and the permissions that it inherits from them", async () => {
    const tenant = await weft.tenant();
    const { chief } = await threeRoles(tenant);
    const query =
      "query ($id: ID!) { role(id: $id) { parents { key } permissions { permission } inheritedPermissions { permission scope grantedBy } } }";
    const shown = {
      parents: [{ key: "lead" }],
      permissions: [],
      inheritedPermissions: [
        { permission: "building.read", scope: "TENANT", grantedBy: "lead" },
        { permission: "team.read", scope: "TENANT", grantedBy: "clerk" },
      ],
    };
    expect(await tenant.admin.run(query, { id: chief })).toEqual({ role: shown });
    const own = await tenant.user("chief");
    const me = "{ me { roles { key parents { key } } effectivePermissions { permission scopes deniedScopes } } }";
    expect(await own.run(me)).toEqual({
      me: {
        roles: [{ key: "chief", parents: [{ key: "lead" }] }],
        effectivePermissions: ["building.read", "team.read"].map((permission) => ({ permission, scopes: ["TENANT"], deniedScopes: [] })),
      },
    });
  });

  it("can be referenced by definitions through its ancestors: their tasks are open to it as well, and it can complete them", async () => {
    const tenant = await weft.tenant();
    await tenant.maintenance();
    await make(tenant.admin, "night_shift", { parents: ["operations"] });
    const [night, requester] = [await tenant.user("night_shift"), await tenant.user("requester")];
    const { createRequest } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
      { input: { typeKey: "maintenance", data: { summary: "A noise", estimate: 100 } } },
    );
    const { id, workflow } = createRequest.request;
    await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
    expect(await night.run("{ tasks(queue: OFFERED_TO_ME) { totalCount } }")).toEqual({ tasks: { totalCount: 1 } });
    const fire = 'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { state } } }';
    expect(await night.run(fire, { id: workflow.id })).toMatchObject({ fireTransition: { instance: { state: "assigned" } } });
  });

  it("never inherits from itself, and the error names the cycle", async () => {
    const tenant = await weft.tenant();
    const { clerk, lead } = await threeRoles(tenant);
    const refused = await tenant.admin.refused(updateRole, { input: { id: clerk, parentKeys: ["chief"] } });
    expect(refused.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.parentIds", message: 'A role cannot inherit from itself: "clerk" → "chief" → "lead" → "clerk".' }],
    });
    expect(await tenant.admin.refusal(updateRole, { input: { id: lead, parentIds: [lead] } })).toBe("BAD_USER_INPUT");
    // Of two concurrent changes that would form a cycle together, the second fails.
    const [a, b] = [await make(tenant.admin, "a"), await make(tenant.admin, "b")];
    const both = await Promise.all([
      tenant.admin.send(updateRole, { input: { id: a, parentIds: [b] } }),
      tenant.admin.send(updateRole, { input: { id: b, parentIds: [a] } }),
    ]);
    expect(both.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  it("prevents its ancestors from being deleted", async () => {
    const tenant = await weft.tenant();
    const { clerk, lead, chief } = await threeRoles(tenant);
    const refused = await tenant.admin.refused(deleteRole, { input: { id: clerk } });
    expect([refused.extensions?.code, refused.message]).toEqual([
      "CONFLICT",
      'The role "lead" inherits from the role "clerk". Remove it from their parents first.',
    ]);
    for (const id of [chief, lead, clerk]) await tenant.admin.run(deleteRole, { input: { id } });
  });
});

describe("inheritance does not escalate privileges", () => {
  it("no user lets a role inherit permissions that they do not hold, or assigns a role that inherits them", async () => {
    const tenant = await weft.tenant();
    const { admin } = tenant;
    const permissions = ["role.read", "role.update", "user.read", "user.create", "user.update"];
    await make(admin, "desk", { grants: permissions });
    await make(admin, "more", { grants: ["audit.read"] });
    const heir = await make(admin, "heir", { parents: ["more"] });
    const desk = await tenant.user("desk");
    const own = await roleId(admin, "desk");
    for (const parent of ["admin", "more", "heir"]) {
      expect(await desk.refusal(updateRole, { input: { id: own, parentKeys: [parent] } }), parent).toBe("FORBIDDEN");
      expect(await desk.refusal(createRole, { input: { key: "mine", name: "Mine", permissions: [], parentKeys: [parent] } })).toBe(
        "FORBIDDEN",
      );
    }
    expect(await desk.refusal(updateUser, { input: { id: desk.id, roleIds: [own, heir] } })).toBe("FORBIDDEN");
    const above = await tenant.user("heir");
    expect(await desk.refusal(updateUser, { input: { id: above.id, name: "Mine" } })).toBe("FORBIDDEN");
    // Any role below it can be chosen.
    await desk.run(createRole, { input: { key: "under", name: "Under", permissions: [], parentKeys: ["desk"] } });
  });

  it("the last administrator can be one through inheritance alone, and remains one", async () => {
    const tenant = await weft.tenant();
    const { admin } = tenant;
    const heads = await make(admin, "heads", { parents: ["admin"] });
    const head = await tenant.user("heads");
    await head.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: admin.id });
    expect(await head.refusal(updateRole, { input: { id: heads, parentIds: [] } })).toBe("CONFLICT");
    const adminRole = await roleId(head, "admin");
    expect(await head.refusal(setPermissions, { input: { roleId: adminRole, permissions: [] } })).toBe("CONFLICT");
  });

  it("roles of another tenant cannot be inherited from", async () => {
    const [ours, theirs] = [await weft.tenant(), await weft.tenant()];
    const foreign = await make(theirs.admin, "foreign");
    const own = await make(ours.admin, "own");
    for (const input of [
      { id: own, parentIds: [foreign] },
      { id: own, parentKeys: ["foreign"] },
    ])
      expect(await ours.admin.refusal(updateRole, { input })).toBe("BAD_USER_INPUT");
    expect(await ours.admin.refusal(updateRole, { input: { id: foreign, parentIds: [own] } })).toBe("NOT_FOUND");
  });
});
