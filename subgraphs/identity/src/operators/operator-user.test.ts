import { encodeId } from "@weft/shared/ids";
import { decodeJwt } from "jose";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestWeft, type TestPlatform, type TestTenant, type TestWeft } from "@weft/testkit";

const act = "mutation Act($input: ActAsTenantInput!) { actAsTenant(input: $input) { accessToken session { id } } }";
const create = "mutation C($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
const deactivate = "mutation D($input: DeactivateTenantInput!) { deactivateTenant(input: $input) { tenant { status } } }";
const reactivate = "mutation R($input: TenantStatusInput!) { reactivateTenant(input: $input) { tenant { status } } }";
const idOf = ({ id }: TestTenant) => encodeId("tenant", id);

let kit: TestWeft;
let platform: TestPlatform;
let owner: postgres.Sql;
beforeAll(async () => {
  kit = await startTestWeft({ alone: "It uses the platform." });
  platform = await kit.platform();
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await kit.stop();
});

/** Returns everything in a tenant's rows of a table, as text. */
const textOf = async (table: string, { id }: TestTenant): Promise<string> =>
  JSON.stringify(await owner`select to_jsonb(t) as row from ${owner(table)} t where tenant_id = ${id}`);

it("does not tell the tenant the operator's identity or tenant elsewhere, and has a different name in each tenant", async () => {
  const [acme, other] = [await kit.tenant(), await kit.tenant()];
  const { actAsTenant } = await platform.operator.run<{ actAsTenant: { accessToken: string } }>(act, {
    input: { tenantId: idOf(acme), reason: "Ticket 4711" },
  });
  const { act: operator } = decodeJwt<{ act: { sub: string; tid: string } }>(actAsTenant.accessToken);
  expect(operator.tid).toBe(platform.tenant.id);
  await platform.operator.run(deactivate, { input: { tenantId: idOf(acme), reason: "Unpaid" } });
  await platform.actAs(other);
  for (const table of ["audit.entries", "events.log", "identity.users", "identity.user_search_terms"]) {
    const text = await textOf(table, acme);
    expect([table, text.includes(operator.sub), text.includes(operator.tid)]).toEqual([table, false, false]);
  }
  const names = await owner<
    { email: string }[]
  >`select email from identity.users where type = 'OPERATOR' and tenant_id in ${owner([acme.id, other.id])}`;
  expect(new Set(names.map(({ email }) => email)).size).toBe(2);
});

it("has a name that cannot be taken in advance, so that no tenant can keep operators out", async () => {
  const acme = await kit.tenant();
  const [{ id: operatorId } = { id: "" }] = await owner<{ id: string }[]>`
    select id from identity.users where tenant_id = ${platform.tenant.id} and name = 'Otto'`;
  await acme.admin.run(create, { input: { email: "o@x.example", username: `operator-${operatorId}`, name: "O", roleKeys: ["viewer"] } });
  for (const taken of [{ email: `${operatorId}@Operator.invalid` }, { email: "p@x.example", username: "ada@operator.invalid" }])
    expect([taken, await acme.admin.refusal(create, { input: { name: "P", roleKeys: ["viewer"], ...taken } })]).toEqual([
      taken,
      "BAD_USER_INPUT",
    ]);
  expect(await platform.operator.run(deactivate, { input: { tenantId: idOf(acme), reason: "Fraud" } })).toEqual({
    deactivateTenant: { tenant: { status: "SUSPENDED" } },
  });
  await platform.operator.run(reactivate, { input: { tenantId: idOf(acme), reason: "No fraud" } });
  expect(await (await platform.actAs(acme)).run("{ me { type } }")).toEqual({ me: { type: "OPERATOR" } });
});

it("an operator user joins no team, and sees its own permissions that apply while the operator acts", async () => {
  const acme = await kit.tenant();
  const otto = await platform.actAs(acme);
  const add = "mutation A($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }";
  expect(await acme.admin.refused(add, { input: { teamId: await acme.team("night"), userId: otto.id, isLead: true } })).toMatchObject({
    extensions: { code: "BAD_USER_INPUT", problems: [{ path: "input.userId" }] },
  });

  const explain = `query E($userId: ID!, $permission: String!) {
    explainAccess(userId: $userId, permission: $permission) { isAllowed decidedBy steps { message } }
  }`;
  const explained = async (permission: string, who = otto) =>
    (
      await who.run<{ explainAccess: { isAllowed: boolean; decidedBy: string; steps: { message: string }[] } }>(explain, {
        userId: otto.id,
        permission,
      })
    ).explainAccess;
  expect(await explained("vendor.create")).toEqual({
    isAllowed: true,
    decidedBy: "USER_GRANT",
    steps: [{ message: "The user is ACTIVE." }, { message: "A platform operator who acts here has vendor.create in scope TENANT." }],
  });
  expect(await explained("user.update")).toMatchObject({ isAllowed: false, decidedBy: "NO_GRANT" });
  expect((await explained("vendor.create", acme.admin)).isAllowed).toBe(false);
  const { me } = await otto.run<{ me: { effectivePermissions: { permission: string; scopes: string[] }[] } }>(
    "{ me { effectivePermissions { permission scopes } } }",
  );
  expect(me.effectivePermissions).toContainEqual({ permission: "vendor.create", scopes: ["TENANT"] });
  expect(me.effectivePermissions.map(({ permission }) => permission)).not.toContain("user.update");
});
