import { decodeId } from "@weft/shared/ids";
import { postgres, type Sql } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aSecondMs, sharedWeft, type TestTenant, TestUser, type SharedWeft, until } from "@weft/testkit";
import { inputTypeOf } from "@weft/testkit/input-type";

const createUser =
  "mutation Create($input: CreateUserInput!) { createUser(input: $input) { user { id email username type status roles { key } teams { key } vendor { id name } } } }";
const updateUser =
  "mutation Update($input: UpdateUserInput!) { updateUser(input: $input) { user { id name email version roles { key } } } }";
const reactivateUser = "mutation On($input: VersionedIdInput!) { reactivateUser(input: $input) { user { status version } } }";
const deactivateUser = "mutation Off($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id status version } } }";
const users = `query Users($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String) {
  users(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { edges { node { id name } } pageInfo { hasNextPage endCursor } totalCount }
}`;
const user = "query One($id: ID!) { user(id: $id) { id name } }";

interface Users {
  users: { edges: { node: { id: string; name: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string }; totalCount: number };
}

let kit: SharedWeft;
let owner: Sql;
beforeAll(async () => {
  kit = await sharedWeft();
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
});

let made = 0;
const person = (tenant: TestTenant, more: Record<string, unknown> = {}) => ({
  email: `p${++made}@${tenant.slug}.example`,
  username: `p${made}-${tenant.slug}`,
  name: `Person ${made}`,
  password: "a quiet river 42",
  ...more,
});

const problemsOf = async (who: TestUser, input: Record<string, unknown>) => {
  const { extensions } = await who.refused(createUser, { input });
  expect(extensions?.code).toBe("BAD_USER_INPUT");
  return ((extensions?.["problems"] ?? []) as { path: string; message: string }[]).map((problem) => problem.path);
};

const roleId = async (who: TestUser, key: string): Promise<string> => {
  const { roles } = await who.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 100) { edges { node { id key } } } }",
  );
  return roles.edges.find(({ node }) => node.key === key)?.node.id ?? "";
};

describe("createUser", () => {
  it("creates a user who can log in, with roles, teams and vendor", async () => {
    const tenant = await kit.tenant();
    await tenant.team("facilities");
    const vendor = await tenant.vendor("Northwind");
    const employee = await tenant.admin.run<{ createUser: { user: object } }>(createUser, {
      input: person(tenant, { roleKeys: ["operations", "viewer"], teamKeys: ["facilities"] }),
    });
    expect(employee.createUser.user).toMatchObject({
      type: "EMPLOYEE",
      status: "ACTIVE",
      roles: [{ key: "operations" }, { key: "viewer" }],
      teams: [{ key: "facilities" }],
      vendor: null,
    });
    const theirs = await tenant.admin.run<{ createUser: { user: object } }>(createUser, {
      input: person(tenant, { type: "VENDOR", vendorId: vendor.id, roleKeys: ["vendor_user"] }),
    });
    expect(theirs.createUser.user).toMatchObject({ type: "VENDOR", vendor: { id: vendor.id, name: "Northwind" } });
    const listed = await tenant.admin.run<{ vendor: { users: { name: string }[] } }>(
      "query V($id: ID!) { vendor(id: $id) { users { name } } }",
      { id: vendor.id },
    );
    expect(listed.vendor.users).toHaveLength(2);
  });

  it("without a password creates an invited user", async () => {
    const tenant = await kit.tenant();
    const made = await tenant.admin.run<{ createUser: { user: object } }>(createUser, { input: person(tenant, { password: null }) });
    expect(made.createUser.user).toMatchObject({ status: "INVITED" });
  });

  it("returns the path of each error", async () => {
    const tenant = await kit.tenant();
    const { admin } = tenant;
    const taken = person(tenant);
    await admin.run(createUser, { input: taken });
    expect(await problemsOf(admin, { ...person(tenant), email: taken.email.toUpperCase() })).toEqual(["input.email"]);
    expect(await problemsOf(admin, { ...person(tenant), username: taken.username.toUpperCase() })).toEqual(["input.username"]);
    expect(await problemsOf(admin, { ...person(tenant), username: taken.email })).toEqual(["input.email"]);
    expect(await problemsOf(admin, { email: "no email", username: "-", name: " ", password: "abc", type: "VENDOR" })).toEqual([
      "input.email",
      "input.username",
      "input.name",
      "input.vendorId",
      "input.password",
    ]);
    expect(await problemsOf(admin, { ...person(tenant), roleKeys: ["viewer", "emperor"] })).toEqual(["input.roleKeys.1"]);
    expect(await problemsOf(admin, { ...person(tenant), teamKeys: ["nobody"] })).toEqual(["input.teamKeys.0"]);
    expect(await problemsOf(admin, { ...person(tenant), roleIds: [admin.id] })).toEqual(["input.roleIds.0"]);
    expect(await problemsOf(admin, { ...person(tenant), password: "Password123" })).toEqual(["input.password"]);
  });

  it("with an idempotency key creates one user, and refuses another input", async () => {
    const tenant = await kit.tenant();
    const input = person(tenant, { idempotencyKey: "once" });
    const [first, second] = await Promise.all([tenant.admin.run(createUser, { input }), tenant.admin.run(createUser, { input })]);
    expect(second).toEqual(first);
    expect(await tenant.admin.refusal(createUser, { input: { ...input, name: "Somebody else" } })).toBe("CONFLICT");
  });

  it("is audited without plain personal values, and writes an event", async () => {
    const tenant = await kit.tenant();
    const input = person(tenant, { name: "Quirin Zebulon" });
    const { createUser: made } = await tenant.admin.run<{ createUser: { user: { id: string } } }>(createUser, { input });
    const trail = await tenant.admin.run<{ auditEntries: { edges: { node: { action: string; after: Record<string, unknown> } }[] } }>(
      "query Trail($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }, first: 5) { edges { node { action after } } } }",
      { id: made.user.id },
    );
    expect(trail.auditEntries.edges.map(({ node }) => node.action)).toEqual(["user.create"]);
    expect(trail.auditEntries.edges[0]?.node.after).toMatchObject({ name: "Quirin Zebulon" });
  });
});

describe("users", () => {
  it("are filtered, searched, ordered and paginated", async () => {
    const tenant = await kit.tenant();
    const teamId = await tenant.team("facilities");
    for (const name of ["Cleo", "Ben", "Ann"]) await tenant.user("operations", { name, teams: name === "Ben" ? ["facilities"] : [] });
    const names = async (variables: Record<string, unknown>) =>
      (await tenant.admin.run<Users>(users, variables)).users.edges.map(({ node }) => node.name);
    expect(await names({ filter: { role: { eq: "operations" } } })).toEqual(["Ann", "Ben", "Cleo"]);
    expect(await names({ filter: { role: { eq: "operations" } }, orderBy: { field: "CREATED_AT", direction: "DESC" } })).toEqual([
      "Ann",
      "Ben",
      "Cleo",
    ]);
    expect(await names({ filter: { team: { eq: teamId } } })).toEqual(["Ben"]);
    expect(await names({ filter: { search: { contains: "CLE" } } })).toEqual(["Cleo"]);
    expect(await names({ filter: { search: { contains: "%" } } })).toEqual([]);
    expect(await names({ filter: { search: { contains: " " } } })).toHaveLength(4);
    expect(await names({ filter: { status: { eq: "DISABLED" } } })).toEqual([]);
    const first = await tenant.admin.run<Users>(users, { filter: { role: { eq: "operations" } }, first: 2 });
    expect(first.users).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    expect(await names({ filter: { role: { eq: "operations" } }, after: first.users.pageInfo.endCursor })).toEqual(["Cleo"]);
  });

  it("are found by every word of the text, at any position, with or without accents, and under a new name at once", async () => {
    const tenant = await kit.tenant();
    const jürgen = await tenant.user("viewer", { name: "Jürgen O'Neill" });
    await tenant.user("viewer", { name: "山田太郎" });
    const found = async (contains: string) =>
      (await tenant.admin.run<Users>(users, { filter: { search: { contains } } })).users.edges.map(({ node }) => node.name);
    for (const text of ["neill jurgen", "JÜRG", "rge", `jur @${tenant.slug}`, "o'nei"])
      expect([text, await found(text)]).toEqual([text, ["Jürgen O'Neill"]]);
    expect(await found("太郎")).toEqual(["山田太郎"]);
    expect(await found("jurgen miller")).toEqual([]);
    await tenant.admin.run(updateUser, { input: { id: jürgen.id, name: "Jo Miller" } });
    expect([await found("neill"), await found("miller")]).toEqual([[], ["Jo Miller"]]);
    expect(await tenant.admin.refusal(users, { filter: { search: { contains: "a b c d e f g h i" } } })).toBe("BAD_USER_INPUT");
    // A word is as expensive as a condition, so it counts as one.
    const searches = (count: number) => ({
      filter: { or: Array.from({ length: count }, () => ({ search: { contains: "a b c d e f g h" } })) },
    });
    await tenant.admin.run(users, searches(6));
    expect((await tenant.admin.refused(users, searches(7))).message).toBe("filter: A filter can have at most 50 conditions.");
    const vendor = await tenant.vendor("Boilers");
    const theirs = await vendor.user.run<Users>(users, { filter: { search: { contains: "o" } } });
    expect(theirs.users.edges.map(({ node }) => node.name)).toEqual(["Person of Boilers"]);
  });

  it("take the same number of statements for one and for many, with roles, teams and tenant", { tags: "slow" }, async () => {
    const tenant = await kit.tenant();
    const query =
      "query N($first: Int) { users(first: $first) { edges { node { name roles { key permissions { permission } } teams { key } tenant { name } } } } }";
    for (let i = 0; i < 5; i++) await tenant.user("viewer");
    const count = (first: number) => kit.statementCount(() => tenant.admin.run(query, { first }));
    expect(await count(6)).toBe(await count(1));
  });
});

describe("updateUser", () => {
  it("changes names under the version that was read, and the user logs in with the new email", async () => {
    const tenant = await kit.tenant();
    const input = person(tenant);
    const { createUser: made } = await tenant.admin.run<{ createUser: { user: { id: string } } }>(createUser, { input });
    const email = `renamed@${tenant.slug}.example`;
    const { updateUser: changed } = await tenant.admin.run<{ updateUser: { user: object } }>(updateUser, {
      input: { id: made.user.id, name: "Renamed", email, expectedVersion: 1 },
    });
    expect(changed.user).toMatchObject({ name: "Renamed", email, version: 2 });
    const stale = await tenant.admin.refused(updateUser, { input: { id: made.user.id, name: "Again", expectedVersion: 1 } });
    expect(stale.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
    const login = 'mutation L($login: String!) { login(input: { login: $login, password: "a quiet river 42" }) { user { id } } }';
    expect(await tenant.admin.run(login, { login: email })).toEqual({ login: { user: { id: made.user.id } } });
    expect(await tenant.admin.refusal(login, { login: input.email })).toBe("UNAUTHENTICATED");
  });

  it("by an administrator tells the former email address, not the new one, and ends the user's sessions", async () => {
    const tenant = await kit.tenant();
    const victim = await tenant.user("viewer");
    const email = `taken@${tenant.slug}.example`;
    await tenant.admin.run(updateUser, { input: { id: victim.id, email } });
    expect(await victim.refusal("{ me { id } }")).toBe("UNAUTHENTICATED");
    await until(async () => (await kit.mails(victim.login)).length > 0, { what: "the former address was told" });
    const [mail, ...more] = await kit.mails(victim.login);
    expect([mail?.subject, more]).toEqual(["Your email address was changed", []]);
    expect(mail?.text).toContain("An administrator changed the email address of your account");
    expect(mail?.text).not.toContain(email);
    expect(await kit.mails(email)).toEqual([]);
  });

  it("tells the former email address of a user who is deactivated meanwhile", async () => {
    const tenant = await kit.tenant();
    const victim = await tenant.user("viewer");
    await tenant.admin.run(deactivateUser, { input: { id: victim.id } });
    await tenant.admin.run(updateUser, { input: { id: victim.id, email: `taken@${tenant.slug}.example` } });
    await until(async () => (await kit.mails(victim.login)).length > 0, { what: "the former address was told" });
    expect((await kit.mails(victim.login)).map(({ subject }) => subject)).toEqual(["Your email address was changed"]);
  });

  it("of one's own email address keeps this session, ends the others, and tells the former address", async () => {
    const { admin, slug } = await kit.tenant();
    const other = await admin.again();
    await admin.run(updateUser, { input: { id: admin.id, email: `moved@${slug}.example` } });
    expect(await admin.run("{ me { id } }")).toEqual({ me: { id: admin.id } });
    expect(await other.refusal("{ me { id } }")).toBe("UNAUTHENTICATED");
    await until(async () => (await kit.mails(admin.login)).length > 0, { what: "the former address was told" });
    expect((await kit.mails(admin.login)).at(-1)?.text).toContain("and your other sessions were ended");
  });

  it("to the same email address in other case tells nobody and ends no session", async () => {
    const tenant = await kit.tenant();
    const reader = await tenant.user("viewer");
    await tenant.admin.run(updateUser, { input: { id: reader.id, email: reader.login.toUpperCase() } });
    expect(await reader.run("{ me { id } }")).toEqual({ me: { id: reader.id } });
    expect(await kit.mails(reader.login)).toEqual([]);
  });

  it("assigns and revokes roles at once, without a new login", async () => {
    const tenant = await kit.tenant();
    const requester = await tenant.user("requester");
    expect(await requester.refusal("{ roles { totalCount } }")).toBe("FORBIDDEN");
    await tenant.admin.run(updateUser, { input: { id: requester.id, roleIds: [await roleId(tenant.admin, "viewer")] } });
    await until(async () => (await requester.send("{ roles { totalCount } }")).errors === undefined, {
      what: "the new role holds",
      deadlineMs: aSecondMs,
    });
  });
});

describe("deactivateUser", () => {
  it("ends the user's sessions within a second", async () => {
    const tenant = await kit.tenant();
    const leaver = await tenant.user("viewer");
    const { deactivateUser: off } = await tenant.admin.run<{ deactivateUser: { user: object } }>(deactivateUser, {
      input: { id: leaver.id },
    });
    expect(off.user).toMatchObject({ status: "DISABLED" });
    await until(async () => (await leaver.refusal("{ me { id } }")) === "UNAUTHENTICATED", {
      what: "the session is over",
      deadlineMs: aSecondMs,
    });
  });

  it("keeps the last administrator, even if two are deactivated at the same moment", async () => {
    const tenant = await kit.tenant();
    const second = await tenant.user("admin");
    const off = (who: TestUser, id: string) => who.send(deactivateUser, { input: { id } });
    const answers = await Promise.all([off(tenant.admin, second.id), off(second, tenant.admin.id)]);
    const codes = answers.map((answer) => answer.errors?.[0]?.extensions?.code ?? "done").toSorted();
    expect(codes.filter((code) => code === "done")).toHaveLength(1);
    const left = answers[0]?.errors ? second : tenant.admin;
    expect(await left.refusal(deactivateUser, { input: { id: left.id } })).toBe("CONFLICT");
  });
});

describe("reactivateUser", () => {
  it("lets the user log in again with the previous roles; sessions that were ended remain so", async () => {
    const tenant = await kit.tenant();
    const back = await tenant.user("requester");
    await tenant.admin.run(deactivateUser, { input: { id: back.id } });
    const on = await tenant.admin.run(reactivateUser, { input: { id: back.id, expectedVersion: 2 } });
    expect(on).toEqual({ reactivateUser: { user: { status: "ACTIVE", version: 3 } } });
    expect(await tenant.admin.run(reactivateUser, { input: { id: back.id } })).toEqual(on);
    expect(await back.refusal("{ me { id } }")).toBe("UNAUTHENTICATED");
    const again = await back.again();
    expect(await again.run("{ me { roles { key } } }")).toEqual({ me: { roles: [{ key: "requester" }] } });
    expect(await tenant.admin.refusal(reactivateUser, { input: { id: back.id, expectedVersion: 2 } })).toBe("CONFLICT");
    expect(await again.refusal(reactivateUser, { input: { id: tenant.admin.id } })).toBe("FORBIDDEN");
  });

  it("leaves a user without a password invited", async () => {
    const tenant = await kit.tenant();
    const { createUser: made } = await tenant.admin.run<{ createUser: { user: { id: string } } }>(createUser, {
      input: { ...person(tenant), password: null },
    });
    await tenant.admin.run(deactivateUser, { input: { id: made.user.id } });
    expect(await tenant.admin.run(reactivateUser, { input: { id: made.user.id } })).toMatchObject({
      reactivateUser: { user: { status: "INVITED" } },
    });
  });
});

describe("the kind of a user", () => {
  const kindOf = "query ($id: ID!) { user(id: $id) { type vendor { id } roles { key } } }";

  it("changes with its vendor and roles, and ends the user's sessions", async () => {
    const tenant = await kit.tenant();
    const [northwind, fabrikam] = [await tenant.vendor("Northwind"), await tenant.vendor("Fabrikam")];
    const ada = await tenant.user("operations");
    const change = (input: object) => tenant.admin.run(updateUser, { input: { id: ada.id, ...input } });
    const [employee, vendors] = [await roleId(tenant.admin, "viewer"), await roleId(tenant.admin, "vendor_user")];
    await change({ type: "VENDOR", vendorId: northwind.id, roleIds: [vendors] });
    expect(await tenant.admin.run(kindOf, { id: ada.id })).toEqual({
      user: { type: "VENDOR", vendor: { id: northwind.id }, roles: [{ key: "vendor_user" }] },
    });
    expect(await ada.refusal("{ me { id } }")).toBe("UNAUTHENTICATED");
    const again = await TestUser.login(kit.url, ada.login, ada.password);
    expect((await again.run<Users>(users, {})).users.edges.map(({ node }) => node.id).toSorted()).toEqual(
      [ada.id, northwind.user.id].toSorted(),
    );
    await change({ vendorId: fabrikam.id });
    expect(await again.refusal("{ me { id } }")).toBe("UNAUTHENTICATED");
    await change({ type: "EMPLOYEE", roleIds: [employee] });
    expect(await tenant.admin.run(kindOf, { id: ada.id })).toEqual({
      user: { type: "EMPLOYEE", vendor: null, roles: [{ key: "viewer" }] },
    });
    const trail = await tenant.admin.run<{ user: { auditTrail: { edges: { node: { action: string } }[] } } }>(
      "query ($id: ID!) { user(id: $id) { auditTrail(first: 20) { edges { node { action } } } } }",
      { id: ada.id },
    );
    expect(trail.user.auditTrail.edges.filter(({ node }) => node.action === "user.update")).toHaveLength(3);
  });

  it("is refused without a vendor, to a service account, for oneself, and with roles for the other kind", async () => {
    const tenant = await kit.tenant();
    const vendor = await tenant.vendor();
    const ada = await tenant.user("operations");
    const problemOf = async (input: object): Promise<unknown> =>
      (await tenant.admin.refused(updateUser, { input })).extensions?.["problems"];
    expect(await problemOf({ id: ada.id, type: "VENDOR" })).toEqual([
      { path: "input.vendorId", message: "Users of the kind VENDOR need a vendor." },
    ]);
    expect(await problemOf({ id: ada.id, vendorId: vendor.id })).toEqual([
      { path: "input.vendorId", message: "Only users of the kind VENDOR can have a vendor." },
    ]);
    expect(await problemOf({ id: ada.id, type: "VENDOR", vendorId: vendor.id })).toEqual([
      {
        path: "input.type",
        message: `The role "operations" is for employees, and the user's type is VENDOR. Roles for users of the type VENDOR: "vendor_user". Pass the new roles as roleIds in the same call.`,
      },
    ]);
    expect(await problemOf({ id: vendor.user.id, type: "EMPLOYEE" })).toEqual([
      {
        path: "input.type",
        message: `The role "vendor_user" is for users of vendors, and the user's type is EMPLOYEE. Roles for users of the type EMPLOYEE: "admin", "approver", "credit_team", "developer", "legal_team", "operations", "operator", "requester", "technical_team", "underwriter", "viewer", "workflow_manager". Pass the new roles as roleIds in the same call.`,
      },
    ]);
    expect(await tenant.admin.refusal(updateUser, { input: { id: tenant.admin.id, type: "VENDOR", vendorId: vendor.id } })).toBe(
      "FORBIDDEN",
    );
  });
});

describe("a role", () => {
  const problemsIn = async (tenant: TestTenant, mutation: string, input: object): Promise<unknown> => {
    const type = inputTypeOf(mutation);
    const refused = await tenant.admin.refused(`mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`, { input });
    expect(refused.extensions?.code).toBe("BAD_USER_INPUT");
    return refused.extensions?.["problems"];
  };

  it("for employees is not given to users of vendors, nor the other way round, however they are made or changed", async () => {
    const tenant = await kit.tenant();
    const vendor = await tenant.vendor();
    const ada = await tenant.user("operations");
    await tenant.role("fitter", []);
    const [viewer, vendors] = [await roleId(tenant.admin, "viewer"), await roleId(tenant.admin, "vendor_user")];
    const forEmployees = (path: string) => ({
      path,
      message: `The role "viewer" is for employees, and the user's type is VENDOR. Roles for users of the type VENDOR: "fitter", "vendor_user".`,
    });
    const { password: _password, ...invited } = person(tenant);
    const ofVendor = { vendorId: vendor.id, roleIds: [vendors], roleKeys: ["fitter", "viewer"] };
    expect(await problemsIn(tenant, "createUser", { ...person(tenant), ...ofVendor, type: "VENDOR" })).toEqual([
      forEmployees("input.roleKeys.1"),
    ]);
    expect(await problemsIn(tenant, "inviteUser", { ...invited, ...ofVendor })).toEqual([forEmployees("input.roleKeys.1")]);
    // Together with what else is wrong.
    expect(await problemsIn(tenant, "inviteUser", { ...invited, ...ofVendor, name: "" })).toMatchObject([
      { path: "input.name" },
      forEmployees("input.roleKeys.1"),
    ]);
    expect(await problemsIn(tenant, "updateUser", { id: vendor.user.id, roleIds: [vendors, viewer] })).toEqual([
      forEmployees("input.roleIds.1"),
    ]);
    for (const [mutation, input] of [
      ["createUser", person(tenant, { roleIds: [vendors] })],
      ["inviteUser", { ...invited, roleIds: [vendors] }],
      ["updateUser", { id: ada.id, roleIds: [vendors] }],
    ] as const)
      expect(await problemsIn(tenant, mutation, input), mutation).toMatchObject([
        { path: "input.roleIds.0", message: expect.stringMatching(/^The role "vendor_user" is for users of vendors/) as string },
      ]);
    const { edges } = (await tenant.admin.run<Users>(users, {})).users;
    expect(edges).toHaveLength(3);
  });

  it("inherits for whom it is, and gets no parent for other users than those who have it", async () => {
    const tenant = await kit.tenant();
    const vendor = await tenant.vendor();
    const fitter = await tenant.role("fitter", []);
    const create = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
    await tenant.admin.run(create, { input: { key: "head_fitter", name: "Head fitter", permissions: [], parentKeys: ["fitter"] } });
    const head = await roleId(tenant.admin, "head_fitter");
    await tenant.admin.run(updateUser, { input: { id: vendor.user.id, roleIds: [head] } });
    expect(await problemsIn(tenant, "updateRole", { id: fitter, parentKeys: ["viewer"] })).toEqual([
      {
        path: "input.parentIds",
        message: `The role "viewer" is for employees, and users of the type VENDOR have the role "head_fitter", which would inherit from it. Roles for users of the type VENDOR: "vendor_user".`,
      },
    ]);
    await tenant.admin.run("mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { id } } }", {
      input: { id: fitter, parentKeys: ["vendor_user"] },
    });
    expect(await problemsOf(tenant.admin, person(tenant, { roleKeys: ["head_fitter"] }))).toEqual(["input.roleKeys.0"]);
  });

  it("that a user had before the rule stays, also when they get others", async () => {
    const tenant = await kit.tenant();
    const ada = await tenant.user("viewer");
    const [viewer, vendors, requester] = await Promise.all(["viewer", "vendor_user", "requester"].map((key) => roleId(tenant.admin, key)));
    await owner`insert into identity.user_roles (tenant_id, user_id, role_id)
      values (${tenant.id}, ${decodeId("user", ada.id)}, ${decodeId("role", vendors ?? "")})`;
    await tenant.admin.run(updateUser, { input: { id: ada.id, roleIds: [viewer, vendors, requester] } });
    await tenant.admin.run(updateUser, { input: { id: ada.id, name: "Ada" } });
    expect(await (await ada.again()).run("{ me { roles { key } } }")).toEqual({
      me: { roles: [{ key: "requester" }, { key: "vendor_user" }, { key: "viewer" }] },
    });
  });
});

describe("another tenant", () => {
  it("sees and changes none of our users", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const { id } = ours.admin;
    expect(await theirs.admin.refusal(user, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(updateUser, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(deactivateUser, { input: { id } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(reactivateUser, { input: { id } })).toBe("NOT_FOUND");
    expect(await problemsOf(theirs.admin, { ...person(theirs), roleIds: [await roleId(ours.admin, "viewer")] })).toEqual([
      "input.roleIds.0",
    ]);
    expect(await problemsOf(theirs.admin, { ...person(theirs), teamIds: [await ours.team("secret")] })).toEqual(["input.teamIds.0"]);
    const vendor = await ours.vendor();
    expect(await problemsOf(theirs.admin, { ...person(theirs), type: "VENDOR", vendorId: vendor.id })).toEqual(["input.vendorId"]);
    expect((await theirs.admin.run<Users>(users, {})).users.totalCount).toBe(1);
  });

  it("can have users with the same names", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const input = person(ours);
    for (const tenant of [ours, theirs]) {
      expect(await tenant.admin.run(createUser, { input })).toMatchObject({ createUser: { user: { email: input.email } } });
    }
  });
});

describe("a vendor's user", () => {
  it("sees their own account and the vendor's users, and no other user", async () => {
    const tenant = await kit.tenant();
    const vendor = await tenant.vendor();
    const seen = await vendor.user.run<Users>(users, {});
    expect(seen.users.edges.map(({ node }) => node.id)).toEqual([vendor.user.id]);
    expect(await vendor.user.refusal(user, { id: tenant.admin.id })).toBe("NOT_FOUND");
    expect(await vendor.user.run("{ me { id roles { key } } }")).toEqual({ me: { id: vendor.user.id, roles: [{ key: "vendor_user" }] } });
  });
});
