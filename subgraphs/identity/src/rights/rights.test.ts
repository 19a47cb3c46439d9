import { beforeAll, describe, expect, it } from "vitest";
import { sharedWeft, type TestTenant, TestUser, type SharedWeft } from "@weft/testkit";
import { inputTypeOf } from "@weft/testkit/input-type";

const createUser = "mutation Create($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
const updateUser = "mutation Update($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";
const deactivateUser = "mutation Off($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }";
const createRole = "mutation R($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

let made = 0;
const person = (tenant: TestTenant, more: Record<string, unknown> = {}) => ({
  email: `r${++made}@${tenant.slug}.example`,
  name: `Person ${made}`,
  password: "a quiet river 42",
  ...more,
});

const roleId = async (who: TestUser, key: string): Promise<string> => {
  const { roles } = await who.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 100) { edges { node { id key } } } }",
  );
  return roles.edges.find(({ node }) => node.key === key)?.node.id ?? "";
};

describe("privilege escalation", () => {
  it("users cannot assign roles that grant more than they have, or change a user who has more rights", async () => {
    const tenant = await kit.tenant();
    const { admin } = tenant;
    await admin.run(createRole, {
      input: {
        key: "people_desk",
        name: "People desk",
        permissions: ["user.read", "user.create", "user.update", "role.read"].map((permission) => ({ permission, scope: "TENANT" })),
      },
    });
    const desk = await tenant.user("people_desk");
    const adminRole = await roleId(admin, "admin");
    expect(await desk.refusal(createUser, { input: person(tenant, { roleKeys: ["admin"] }) })).toBe("FORBIDDEN");
    expect(await desk.refusal(updateUser, { input: { id: desk.id, roleIds: [adminRole] } })).toBe("FORBIDDEN");
    expect(await desk.refusal(updateUser, { input: { id: admin.id, email: "mine@example.com" } })).toBe("FORBIDDEN");
    expect(await desk.refusal(deactivateUser, { input: { id: admin.id } })).toBe("FORBIDDEN");
    await desk.run(createUser, { input: person(tenant, { roleKeys: ["people_desk"] }) });
  });

  it("no user revokes a role that grants more than they hold, or changes what it inherits", async () => {
    const tenant = await kit.tenant();
    const { admin } = tenant;
    const desk = ["role.read", "role.update", "building.read"].map((permission) => ({ permission, scope: "TENANT" }));
    for (const key of ["role_desk", "small"]) await admin.run(createRole, { input: { key, name: key, permissions: desk } });
    const user = await tenant.user("role_desk");
    const setRolePermissions = "mutation ($input: SetRolePermissionsInput!) { setRolePermissions(input: $input) { role { id } } }";
    const updateRole = "mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { id } } }";
    const [small, adminRole] = [await roleId(admin, "small"), await roleId(admin, "admin")];
    expect(await user.refusal(setRolePermissions, { input: { roleId: adminRole, permissions: [] } })).toBe("FORBIDDEN");
    expect(await user.refusal(updateRole, { input: { id: adminRole, parentIds: [small] } })).toBe("FORBIDDEN");
    await user.run(setRolePermissions, { input: { roleId: small, permissions: desk.slice(0, 1) } });
  });

  it("a user with only the ASSIGNED scope cannot create a user who sees what a vendor was assigned", async () => {
    const tenant = await kit.tenant();
    const { id: vendorId } = await tenant.vendor();
    const desk = async (scope: string): Promise<{ desk: TestUser; key: string }> => {
      const key = `desk_${scope.toLowerCase()}`;
      const permissions = [
        { permission: "user.create", scope: "TENANT" },
        { permission: "user.read", scope: "TENANT" },
        { permission: "request.read", scope },
      ];
      await tenant.admin.run(createRole, { input: { key, name: key, permissions } });
      return { desk: await tenant.user(key), key };
    };
    const [assigned, whole] = [await desk("ASSIGNED"), await desk("TENANT")];
    const input = (key: string) => person(tenant, { type: "VENDOR", vendorId, roleKeys: [key] });
    expect(await assigned.desk.refusal(createUser, { input: input(assigned.key) })).toBe("FORBIDDEN");
    expect(await assigned.desk.refusal(createUser, { input: { ...input(assigned.key), roleKeys: [] } })).toBe("FORBIDDEN");
    await assigned.desk.run(createUser, { input: person(tenant, { roleKeys: [assigned.key] }) });
    await whole.desk.run(createUser, { input: input(whole.key) });
  });

  it("users cannot take over an account by changing its email unless they could create a user with the same roles and teams", async () => {
    const tenant = await kit.tenant();
    const permissions = ["user.read", "user.create", "user.update"].map((permission) => ({ permission, scope: "TENANT" }));
    await tenant.admin.run(createRole, { input: { key: "people_desk", name: "People desk", permissions } });
    await tenant.admin.run(createRole, { input: { key: "board", name: "Board", permissions: [] } });
    await tenant.team("finance");
    const desk = await tenant.user("people_desk");
    const invite = "mutation I($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }";
    const invited = async (more: Record<string, unknown>): Promise<string> => {
      const { password: _none, ...input } = person(tenant, more);
      return (await tenant.admin.run<{ inviteUser: { user: { id: string } } }>(invite, { input })).inviteUser.user.id;
    };
    for (const belongings of [{ roleKeys: ["board"] }, { teamKeys: ["finance"] }]) {
      const id = await invited(belongings);
      const email = `mine${++made}@evil.example`;
      expect([belongings, await desk.refusal(updateUser, { input: { id, email } })]).toEqual([belongings, "FORBIDDEN"]);
      // Changes that do not affect who receives the email are still possible, as is another spelling of the same address.
      await desk.run(updateUser, { input: { id, name: "Somebody", email: `R${made - 1}@${tenant.slug}.example` } });
    }
    await desk.run(updateUser, { input: { id: await invited({ roleKeys: ["people_desk"] }), email: `new@${tenant.slug}.example` } });
  });

  it("no user takes a role name or a team membership that definitions trust, however little the role grants", async () => {
    const tenant = await kit.tenant();
    const permissions = ["user.read", "user.create", "user.update", "role.read"].map((permission) => ({ permission, scope: "TENANT" }));
    await tenant.admin.run(createRole, { input: { key: "people_desk", name: "People desk", permissions } });
    await tenant.admin.run(createRole, { input: { key: "board", name: "Board", permissions: [] } });
    await tenant.team("finance");
    const desk = await tenant.user("people_desk");
    const [own, board] = [await roleId(tenant.admin, "people_desk"), await roleId(tenant.admin, "board")];
    expect(await desk.refusal(updateUser, { input: { id: desk.id, roleIds: [own, board] } })).toBe("FORBIDDEN");
    expect(await desk.refusal(createUser, { input: person(tenant, { roleKeys: ["board"] }) })).toBe("FORBIDDEN");
    expect(await desk.refusal(createUser, { input: person(tenant, { teamKeys: ["finance"] }) })).toBe("FORBIDDEN");
    await tenant.admin.run(updateUser, { input: { id: desk.id, roleIds: [own, board] } });
  });

  it("a service account gets no more rights than its creator has, and cannot log in", async () => {
    const tenant = await kit.tenant();
    const names = ["user.read", "user.create", "role.read", "apiKey.manage"];
    const permissions = names.map((permission) => ({ permission, scope: "TENANT" }));
    await tenant.admin.run(createRole, { input: { key: "people_desk", name: "People desk", permissions } });
    const desk = await tenant.user("people_desk");
    const robot = { name: "Robot", username: "robot", roleKeys: ["people_desk"] };
    const create = "mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { user { id } } }";
    expect(await desk.refusal(create, { input: { ...robot, roleKeys: ["people_desk", "admin"] } })).toBe("FORBIDDEN");
    const { createServiceAccount } = await desk.run<{ createServiceAccount: { user: { id: string } } }>(create, { input: robot });
    const { createApiKey } = await desk.run<{ createApiKey: { key: string } }>(
      "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }",
      { input: { name: "Key", userId: createServiceAccount.user.id, permissions: permissions.slice(0, 3) } },
    );
    const service = await TestUser.withToken(desk.url, createApiKey.key);
    expect(await service.refusal(createUser, { input: person(tenant, { roleKeys: ["operations"] }) })).toBe("FORBIDDEN");
    expect(await service.refusal(updateUser, { input: { id: desk.id, name: "Taken over" } })).toBe("FORBIDDEN");
  });
});

describe("a narrow scope", () => {
  it("does not cover entities without an owner, or other users' teams", async () => {
    const tenant = await kit.tenant();
    const { admin } = tenant;
    const of = (scope: string) =>
      ["role.update", "user.create", "team.update", "tenant.update", "vendor.create", "user.read"].map((permission) => ({
        permission,
        scope,
      }));
    await admin.run(createRole, { input: { key: "narrow", name: "Narrow", permissions: [...of("OWN"), ...of("TEAM")] } });
    const [teamId, member, narrow] = [await tenant.team("finance"), await tenant.user("viewer"), await tenant.user("narrow")];
    const add = "mutation A($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }";
    const remove = "mutation A($input: RemoveTeamMemberInput!) { removeTeamMember(input: $input) { team { id } } }";
    await admin.run(add, { input: { teamId, userId: member.id } });
    for (const [mutation, input] of [
      ["createRole", { key: "mine", name: "Mine", permissions: [] }],
      ["setRolePermissions", { roleId: await roleId(admin, "admin"), permissions: [] }],
      ["createUser", person(tenant)],
      ["createTeam", { key: "mine", name: "Mine" }],
      ["updateTenant", { name: "Mine" }],
      ["createVendor", { code: "M", name: "Mine", categories: [] }],
    ] as const) {
      const type = inputTypeOf(mutation);
      const query = `mutation N($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
      expect(await narrow.refusal(query, { input }), mutation).toBe("FORBIDDEN");
    }
    expect(await narrow.refusal(remove, { input: { teamId, userId: member.id } })).toBe("NOT_FOUND");
    await admin.run(add, { input: { teamId, userId: narrow.id } });
    const colleague = await narrow.again();
    expect(await colleague.send(remove, { input: { teamId, userId: member.id } })).toMatchObject({ data: { removeTeamMember: {} } });
  });
});

describe("a vendor's user", () => {
  it("is refused what the database withholds from vendors' users, whatever roles they were given", async () => {
    const tenant = await kit.tenant();
    const vendor = await tenant.vendor();
    const permissions = ["user.create", "user.update", "role.update", "team.update", "tenant.update", "vendor.update", "project.create"];
    await tenant.admin.run(createRole, {
      input: { key: "desk", name: "Desk", permissions: permissions.map((permission) => ({ permission, scope: "TENANT" })) },
    });
    const [own, desk] = [await roleId(tenant.admin, "vendor_user"), await roleId(tenant.admin, "desk")];
    await tenant.admin.run(updateUser, { input: { id: vendor.user.id, roleIds: [own, desk] } });
    const vic = await vendor.user.again();
    const colleague = { ...person(tenant, { roleKeys: ["vendor_user"] }), type: "VENDOR", vendorId: vendor.id };
    for (const [mutation, input] of [
      ["createUser", person(tenant, { roleKeys: ["desk"] })],
      ["createUser", colleague],
      ["updateUser", { id: vic.id, roleIds: [own] }],
      ["createRole", { key: "mine", name: "Mine", permissions: [] }],
      ["setRolePermissions", { roleId: desk, permissions: [] }],
      ["createTeam", { key: "mine", name: "Mine" }],
      ["updateTenant", { name: "Mine" }],
      ["updateVendor", { id: vendor.id, name: "Mine" }],
    ] as const) {
      const type = inputTypeOf(mutation);
      expect(await vic.refusal(`mutation V($input: ${type}!) { ${mutation}(input: $input) { __typename } }`, { input }), mutation).toBe(
        "FORBIDDEN",
      );
    }
    expect(await vic.run("{ me { roles { key } } }")).toEqual({ me: { roles: [{ key: "desk" }, { key: "vendor_user" }] } });
  });
});
