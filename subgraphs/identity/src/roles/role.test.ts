import { beforeAll, describe, expect, it } from "vitest";
import { aSecondMs, sharedWeft, type TestUser, type SharedWeft, until } from "@weft/testkit";

const createRole =
  "mutation Create($input: CreateRoleInput!) { createRole(input: $input) { role { id key version permissions { permission scope } } } }";
const setPermissions =
  "mutation Set($input: SetRolePermissionsInput!) { setRolePermissions(input: $input) { role { version permissions { permission scope } } } }";
const updateRole = "mutation Update($input: UpdateRoleInput!) { updateRole(input: $input) { role { key name description version } } }";
const deleteRole = "mutation Delete($input: VersionedIdInput!) { deleteRole(input: $input) { id } }";
const role = "query One($id: ID!) { role(id: $id) { key } }";

interface Role {
  id: string;
  key: string;
  version: number;
  permissions: { permission: string; scope: string }[];
}

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

const tenantWide = (...permissions: string[]) => permissions.map((permission) => ({ permission, scope: "TENANT" }));
const made = async (who: TestUser, key: string, permissions: object[]): Promise<Role> =>
  (await who.run<{ createRole: { role: Role } }>(createRole, { input: { key, name: key, permissions } })).createRole.role;
const roles = async (who: TestUser): Promise<Role[]> =>
  (
    await who.run<{ roles: { edges: { node: Role }[] } }>(
      "{ roles(first: 100) { edges { node { id key version permissions { permission scope } } } } }",
    )
  ).roles.edges.map(({ node }) => node);

describe("roles", () => {
  it("are paginated, ordered by key or by name, and searchable by either", async () => {
    const { admin } = await kit.tenant();
    await made(admin, "night_desk", tenantWide("team.read"));
    const list = `query ($filter: RoleFilter, $orderBy: RoleOrder, $first: Int, $after: String) {
      roles(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage } edges { node { key } } }
    }`;
    type Listed = { roles: { totalCount: number; pageInfo: { endCursor: string }; edges: { node: { key: string } }[] } };
    const keys = async (variables: Record<string, unknown>) =>
      (await admin.run<Listed>(list, variables)).roles.edges.map(({ node }) => node.key);
    const { roles: first } = await admin.run<Listed>(list, { first: 2 });
    expect([first.totalCount, first.edges.map(({ node }) => node.key)]).toEqual([14, ["admin", "approver"]]);
    expect(await keys({ first: 1, after: first.pageInfo.endCursor })).toEqual(["credit_team"]);
    expect(await keys({ first: 1, orderBy: { field: "NAME", direction: "ASC" } })).toEqual(["admin"]);
    expect(await keys({ filter: { search: { contains: "NIGHT" } } })).toEqual(["night_desk"]);
    expect(await keys({ filter: { key: { in: ["viewer", "admin"] } } })).toEqual(["admin", "viewer"]);
    expect(await keys({ filter: { isBuiltIn: { eq: false } } })).toEqual(["night_desk"]);
  });

  it("are built in for every tenant, and grant permissions of the catalog", async () => {
    const { admin } = await kit.tenant();
    const builtIn = await roles(admin);
    expect(builtIn.map(({ key }) => key)).toEqual([
      "admin",
      "approver",
      "credit_team",
      "developer",
      "legal_team",
      "operations",
      "operator",
      "requester",
      "technical_team",
      "underwriter",
      "vendor_user",
      "viewer",
      "workflow_manager",
    ]);
    const { permissions } = await admin.run<{ permissions: { name: string }[] }>("{ permissions { name description } }");
    const known = new Set(permissions.map(({ name }) => name));
    for (const { permissions: granted } of builtIn) for (const { permission } of granted) expect(known).toContain(permission);
    expect(new Set(builtIn.find(({ key }) => key === "admin")?.permissions.map(({ permission }) => permission))).toEqual(known);
  });

  it("are created with a unique key and known permissions", async () => {
    const { admin } = await kit.tenant();
    expect(await made(admin, "auditor", tenantWide("audit.read", "audit.verify"))).toMatchObject({
      permissions: tenantWide("audit.read", "audit.verify"),
    });
    const refusedPaths = async (input: object) => {
      const { extensions } = await admin.refused(createRole, { input: { name: "x", permissions: [], ...input } });
      return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
    };
    expect(await refusedPaths({ key: "auditor" })).toEqual(["input.key"]);
    expect(await refusedPaths({ key: "No key" })).toEqual(["input.key"]);
    expect(await refusedPaths({ key: "other", permissions: tenantWide("user.read", "user.fly") })).toEqual([
      "input.permissions.1.permission",
    ]);
  });

  it("take effect at once for every user who has them", async () => {
    const tenant = await kit.tenant();
    const desk = await made(tenant.admin, "desk", tenantWide("user.read"));
    const clerk = await tenant.user("desk");
    expect(await clerk.refusal("{ teams { totalCount } }")).toBe("FORBIDDEN");
    await tenant.admin.run(setPermissions, {
      input: { roleId: desk.id, permissions: tenantWide("user.read", "team.read"), expectedVersion: 1 },
    });
    await until(async () => (await clerk.send("{ teams { totalCount } }")).errors === undefined, {
      what: "the permission holds",
      deadlineMs: aSecondMs,
    });
    await tenant.admin.run(setPermissions, { input: { roleId: desk.id, permissions: tenantWide("user.read") } });
    await until(async () => (await clerk.send("{ teams { totalCount } }")).errors !== undefined, {
      what: "the permission is gone",
      deadlineMs: aSecondMs,
    });
    const stale = await tenant.admin.refused(setPermissions, { input: { roleId: desk.id, permissions: [], expectedVersion: 1 } });
    expect(stale.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 3 });
  });

  it("never grant a permission that their author lacks", async () => {
    const tenant = await kit.tenant();
    await made(tenant.admin, "role_desk", [...tenantWide("role.read", "role.update"), { permission: "request.read", scope: "OWN" }]);
    const desk = await tenant.user("role_desk");
    const own = (await roles(desk)).find(({ key }) => key === "role_desk");
    expect(await desk.refusal(createRole, { input: { key: "up", name: "Up", permissions: tenantWide("user.create") } })).toBe("FORBIDDEN");
    expect(await desk.refusal(createRole, { input: { key: "up", name: "Up", permissions: tenantWide("request.read") } })).toBe("FORBIDDEN");
    expect(
      await desk.refusal(setPermissions, { input: { roleId: own?.id, permissions: tenantWide("role.read", "role.update", "audit.read") } }),
    ).toBe("FORBIDDEN");
    await made(desk, "less", [{ permission: "request.read", scope: "OWN" }]);
  });

  it("are renamed under the version that was read; the key does not change", async () => {
    const { admin } = await kit.tenant();
    const { id } = await made(admin, "desk", []);
    expect(await admin.run(updateRole, { input: { id, name: " Front desk ", description: "Who greets", expectedVersion: 1 } })).toEqual({
      updateRole: { role: { key: "desk", name: "Front desk", description: "Who greets", version: 2 } },
    });
    expect(await admin.refusal(updateRole, { input: { id, name: "Late", expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await admin.refusal(updateRole, { input: { id, name: " " } })).toBe("BAD_USER_INPUT");
  });

  it("are deleted only if they are not assigned, and never if they are built in", async () => {
    const tenant = await kit.tenant();
    const { admin } = tenant;
    const desk = await made(admin, "desk", tenantWide("user.read"));
    const clerk = await tenant.user("desk");
    const held = await admin.refused(deleteRole, { input: { id: desk.id } });
    expect(held).toMatchObject({ message: '1 user has the role "desk". Remove it from them first.', extensions: { code: "CONFLICT" } });
    await admin.run("mutation ($id: ID!) { updateUser(input: { id: $id, roleIds: [] }) { user { id } } }", { id: clerk.id });
    expect(await admin.refusal(deleteRole, { input: { id: desk.id, expectedVersion: 7 } })).toBe("CONFLICT");
    expect(await admin.run(deleteRole, { input: { id: desk.id, expectedVersion: 1 } })).toEqual({ deleteRole: { id: desk.id } });
    expect(await admin.refusal(role, { id: desk.id })).toBe("NOT_FOUND");
    expect(await admin.refusal(deleteRole, { input: { id: desk.id } })).toBe("NOT_FOUND");
    const builtIn = (await roles(admin)).find(({ key }) => key === "developer");
    expect(await admin.refusal(deleteRole, { input: { id: builtIn?.id } })).toBe("CONFLICT");
    await made(admin, "desk", []);
  });

  it("are never left on a user who received one while it was being deleted", async () => {
    const { admin, slug } = await kit.tenant();
    for (let round = 0; round < 5; round++) {
      const { id } = await made(admin, `desk_${round}`, []);
      const create = "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { roles { id } } } }";
      const input = { email: `desk-${round}@${slug}.example`, name: "Clerk", roleIds: [id] };
      const [gone, given] = await Promise.all([admin.send(deleteRole, { input: { id } }), admin.send(create, { input })]);
      expect([gone, given].map(({ errors }) => errors?.[0]?.extensions?.code ?? "done").toSorted()).toEqual([
        expect.stringMatching(/BAD_USER_INPUT|CONFLICT/),
        "done",
      ]);
    }
  });

  it("always leave a user who can change users and roles", async () => {
    const tenant = await kit.tenant();
    const admin = (await roles(tenant.admin)).find(({ key }) => key === "admin");
    expect(await tenant.admin.refusal(setPermissions, { input: { roleId: admin?.id, permissions: tenantWide("user.read") } })).toBe(
      "CONFLICT",
    );
  });
});

describe("another tenant", () => {
  it("sees and changes none of our roles", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const { id } = await made(ours.admin, "secret", tenantWide("user.read"));
    expect(await theirs.admin.refusal(role, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(setPermissions, { input: { roleId: id, permissions: [] } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(updateRole, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(deleteRole, { input: { id } })).toBe("NOT_FOUND");
    expect((await roles(theirs.admin)).map(({ key }) => key)).not.toContain("secret");
  });
});
