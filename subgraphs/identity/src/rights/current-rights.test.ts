import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

const mutation = (name: string) => `mutation ($input: ${inputTypeOf(name)}!) { ${name}(input: $input) { __typename } }`;
const rights = ["user.read", "user.create", "user.update", "role.read", "role.update", "team.read", "team.update"];

async function roleOf(tenant: TestTenant, key: string, permissions: readonly string[]): Promise<string> {
  const { createRole } = await tenant.admin.run<{ createRole: { role: { id: string } } }>(
    "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }",
    { input: { key, name: key, permissions: permissions.map((permission) => ({ permission, scope: "TENANT" })) } },
  );
  return createRole.role.id;
}

/**
 * Sends a mutation as `who`, and runs `meanwhile` after the gateway has admitted the request under the current rights but before identity processes
 * it. This simulates a request in progress while its rights are revoked.
 */
async function onItsWay(who: TestUser, [name, input]: readonly [string, Record<string, unknown>], meanwhile: () => Promise<unknown>) {
  const identity = kit.weft.subgraphs.find((subgraph) => subgraph.name === "identity");
  if (!identity) throw new Error("There is no subgraph identity.");
  const { execute } = identity;
  Object.assign(identity, {
    execute: async (request: Parameters<typeof execute>[0]) => {
      Object.assign(identity, { execute });
      await meanwhile();
      return execute(request);
    },
  });
  try {
    return await who.refusal(mutation(name), { input });
  } finally {
    Object.assign(identity, { execute });
  }
}

describe("a user who loses rights while a request is in progress", () => {
  const cases: readonly (readonly [
    name: string,
    input: (ids: Record<"role" | "spare" | "user" | "team", string>) => Record<string, unknown>,
  ])[] = [
    ["createUser", ({ role }) => ({ email: "accomplice@example.com", name: "A", password: "a quiet river 42", roleIds: [role] })],
    ["inviteUser", ({ role }) => ({ email: "accomplice@example.com", name: "A", roleIds: [role] })],
    ["updateUser", ({ user, role }) => ({ id: user, roleIds: [role] })],
    [
      "setUserPermissions",
      ({ user }) => ({ userId: user, grants: [{ permission: "user.update", scope: "TENANT" }], denials: [], reason: "A test" }),
    ],
    ["createRole", () => ({ key: "back_door", name: "B", permissions: [{ permission: "user.update", scope: "TENANT" }] })],
    ["setRolePermissions", ({ spare }) => ({ roleId: spare, permissions: [{ permission: "user.update", scope: "TENANT" }] })],
    ["updateRole", ({ spare, role }) => ({ id: spare, parentIds: [role] })],
    ["addTeamMember", ({ team, user }) => ({ teamId: team, userId: user, isLead: true })],
  ];

  it.each(cases)("cannot pass rights on with %s", async (name, inputOf) => {
    const tenant = await kit.tenant();
    const role = await roleOf(tenant, "desk", rights);
    const spare = await roleOf(tenant, "spare", []);
    const [desk, user, team] = [await tenant.user("desk"), await tenant.user("spare"), await tenant.team("finance")];
    const input = inputOf({ role, spare, user: user.id, team });
    const demote = () => tenant.admin.run(mutation("updateUser"), { input: { id: desk.id, roleIds: [spare] } });
    expect(await onItsWay(desk, [name, input], demote)).toBe("CONFLICT");
    // A repeated request is evaluated with the current rights.
    expect(["FORBIDDEN", "NOT_FOUND"]).toContain(await desk.refusal(mutation(name), { input }));
  });

  it("cannot do so after being deactivated", async () => {
    const tenant = await kit.tenant();
    const role = await roleOf(tenant, "desk", rights);
    const desk = await tenant.user("desk");
    const off = () => tenant.admin.run(mutation("deactivateUser"), { input: { id: desk.id } });
    const input = { email: "accomplice@example.com", name: "A", password: "a quiet river 42", roleIds: [role] };
    expect(await onItsWay(desk, ["createUser", input], off)).toBe("CONFLICT");
  });
});
