import { sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, it } from "vitest";

const createPermission =
  "mutation ($input: CreatePermissionInput!) { createPermission(input: $input) { permission { name description isCustom } } }";
const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
const explain =
  "query ($userId: ID!, $permission: String!) { explainAccess(userId: $userId, permission: $permission) { isAllowed decidedBy } }";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const budget = { name: "custom.approveBudget", description: "Approves budgets." };
const source = `
weft: 1
key: budget
name: Budget
initial: open
states:
  open: { transitions: { approve: { to: approved, allow: { permissions: [custom.approveBudget] } } } }
  approved: { final: completed }
`;
const names = async (who: TestUser): Promise<string[]> => {
  const { permissions } = await who.run<{ permissions: { name: string; isCustom: boolean }[] }>("{ permissions { name isCustom } }");
  return permissions.filter(({ isCustom }) => isCustom).map(({ name }) => name);
};

it("a custom permission of the tenant is granted by roles and required by definitions", async () => {
  const tenant = await weft.tenant();
  const { admin } = tenant;
  expect(await admin.run(createPermission, { input: budget })).toEqual({ createPermission: { permission: { ...budget, isCustom: true } } });
  expect(await names(admin)).toEqual(["custom.approveBudget"]);
  await tenant.definition(source);
  const role = { key: "treasurer", name: "Treasurer", permissions: [{ permission: budget.name, scope: "TENANT" }] };
  await admin.run(createRole, { input: role });
  const [treasurer, operator] = [await tenant.user("operator", { roles: ["treasurer"] }), await tenant.user("operator")];
  const start = 'mutation { startWorkflow(input: { definitionKey: "budget" }) { instance { id } } }';
  const { startWorkflow } = await operator.run<{ startWorkflow: { instance: { id: string } } }>(start);
  const fire = 'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { state } } }';
  const { id } = startWorkflow.instance;
  expect(await operator.refusal(fire, { id })).toBe("TRANSITION_REJECTED");
  expect(await admin.run(explain, { userId: treasurer.id, permission: budget.name })).toEqual({
    explainAccess: { isAllowed: true, decidedBy: "ROLE_GRANT" },
  });
  const deny = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";
  const denial = { userId: treasurer.id, grants: [], denials: [{ permission: budget.name, scope: "TENANT" }], reason: "On leave" };
  await admin.run(deny, { input: denial });
  expect(await treasurer.refusal(fire, { id })).toBe("TRANSITION_REJECTED");
  // The permission does not apply to objects that a scope could select, so a partial denial removes it entirely.
  await admin.run(deny, { input: { ...denial, denials: [{ permission: budget.name, scope: "OWN" }] } });
  expect(await treasurer.refusal(fire, { id })).toBe("TRANSITION_REJECTED");
  expect(await admin.run(explain, { userId: treasurer.id, permission: budget.name })).toEqual({
    explainAccess: { isAllowed: false, decidedBy: "USER_DENIAL" },
  });
  const effective = "query ($id: ID!) { user(id: $id) { effectivePermissions { permission scopes deniedScopes } } }";
  const { user } = await admin.run<{ user: { effectivePermissions: { permission: string }[] } }>(effective, { id: treasurer.id });
  expect(user.effectivePermissions).toContainEqual({ permission: budget.name, scopes: [], deniedScopes: ["OWN"] });
  await admin.run(deny, { input: { ...denial, denials: [] } });
  expect(await treasurer.run(fire, { id })).toEqual({ fireTransition: { instance: { state: "approved" } } });
});

it("a definition that requires a permission requires all of it: a user who is denied part of it is refused, for built-in permissions too", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(source.replace("key: budget", "key: own").replace("custom.approveBudget", "request.assign"));
  const user = await tenant.user("operator", { roles: ["operations"] });
  const start = 'mutation { startWorkflow(input: { definitionKey: "own" }) { instance { id } } }';
  const { startWorkflow } = await user.run<{ startWorkflow: { instance: { id: string } } }>(start);
  const deny = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";
  const denials = [{ permission: "request.assign", scope: "OWN" }];
  await tenant.admin.run(deny, { input: { userId: user.id, grants: [], denials, reason: "Not his own" } });
  const fire = 'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { state } } }';
  expect(await user.refusal(fire, { id: startWorkflow.instance.id })).toBe("TRANSITION_REJECTED");
  await tenant.admin.run(deny, { input: { userId: user.id, grants: [], denials: [], reason: "Alone today" } });
  expect(await user.run(fire, { id: startWorkflow.instance.id })).toEqual({ fireTransition: { instance: { state: "approved" } } });
});

it("a permission that does not exist is an error in roles, in grants and in definitions", async () => {
  const tenant = await weft.tenant();
  const { admin } = tenant;
  const permissions = [{ permission: budget.name, scope: "TENANT" }];
  expect(await admin.refusal(createRole, { input: { key: "treasurer", name: "Treasurer", permissions } })).toBe("BAD_USER_INPUT");
  await expect(tenant.definition(source)).rejects.toThrow("There is no permission");
});

it("a name in the catalog's format, a name that is taken and a missing description are refused; the same key returns the same permission", async () => {
  const { admin } = await weft.tenant();
  const paths = async (input: object) => {
    const { extensions } = await admin.refused(createPermission, { input: { ...budget, ...input } });
    return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
  };
  for (const name of ["request.approve", "custom.", "custom.Approve", "custom.approve_budget", "custom.a.b", "customs.approve"])
    expect(await paths({ name }), name).toEqual(["input.name"]);
  expect(await paths({ description: " " })).toEqual(["input.description"]);
  const first = await admin.run(createPermission, { input: { ...budget, idempotencyKey: "k" } });
  expect(await admin.run(createPermission, { input: { ...budget, idempotencyKey: "k" } })).toEqual(first);
  expect(await paths({})).toEqual(["input.name"]);
});

it("a custom permission is not a way to escalate privileges: its creator does not hold it without being an administrator, and another tenant cannot see it", async () => {
  const [tenant, other] = [await weft.tenant(), await weft.tenant()];
  const tools = ["role.read", "role.update", "user.read", "user.update"].map((permission) => ({ permission, scope: "TENANT" }));
  await tenant.admin.run(createRole, { input: { key: "desk", name: "Desk", permissions: tools } });
  const desk = await tenant.user("desk");
  await desk.run(createPermission, { input: budget });
  const permissions = [{ permission: budget.name, scope: "OWN" }];
  expect(await desk.refusal(createRole, { input: { key: "mine", name: "Mine", permissions } })).toBe("FORBIDDEN");
  await tenant.admin.run(createRole, { input: { key: "theirs", name: "Theirs", permissions } });
  expect(await names(other.admin)).toEqual([]);
  expect(await (await tenant.user("viewer")).refusal(createPermission, { input: { ...budget, name: "custom.x" } })).toBe("FORBIDDEN");
});
