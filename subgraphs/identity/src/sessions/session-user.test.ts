import { randomUUID } from "node:crypto";
import { ApiClient, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, it } from "vitest";

const password = "a quiet river 42";

let kit: SharedWeft;
let anyone: ApiClient;
let tenant: TestTenant;
let requester: TestUser;
let vendorUser: TestUser;
beforeAll(async () => {
  kit = await sharedWeft();
  anyone = new ApiClient(kit.url);
  tenant = await kit.tenant("Acme");
  requester = await tenant.user("requester");
  ({ user: vendorUser } = await tenant.vendor());
});

const credentials = (user: TestUser): object => ({ login: user.login, password: user.password, tenant: tenant.slug });
const whole = "id roles { key } teams { key } tenant { slug } effectivePermissions { permission } vendor { name }";

it("registerOrganization returns the roles, teams, tenant and audit trail of the new administrator", async () => {
  const admin = { name: "Ada", email: `ada@${randomUUID()}.example`, password };
  const { data, errors } = await anyone.send(
    `mutation Register($input: RegisterOrganizationInput!, $first: Int!) {
      registerOrganization(input: $input) { slug user { ...person auditTrail(first: $first) { edges { node { action } } } } }
    }
    fragment person on User { name roles { key } teams { key } tenant { slug plan } }`,
    { input: { name: "Newcomers", admin }, first: 1 },
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    registerOrganization: {
      slug: "newcomers",
      user: {
        name: "Ada",
        roles: [{ key: "admin" }],
        teams: [{ key: "everyone" }],
        tenant: { slug: "newcomers", plan: "FREE" },
        auditTrail: { edges: [{ node: { action: expect.any(String) as string } }] },
      },
    },
  });
});

it("login returns the same user as `me`, for staff and for a vendor's users", async () => {
  for (const user of [requester, vendorUser]) {
    const { data, errors } = await anyone.send(
      `mutation In($input: LoginInput!) { in: login(input: $input) { person: user { ${whole} } accessToken } }`,
      { input: credentials(user) },
    );
    expect(errors).toBeUndefined();
    const session = (data as { in: { person: object; accessToken: string } }).in;
    const { me } = await new ApiClient(kit.url, session.accessToken).run<{ me: object }>(`{ me { ${whole} } }`);
    expect(session.person).toEqual(me);
    expect(Object.keys(session)).toEqual(["person", "accessToken"]);
  }
});

it("acceptInvitation returns the roles of the invited user", async () => {
  const email = `${randomUUID()}@example.com`;
  await tenant.admin.run("mutation I($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", {
    input: { email, name: "Ben", roleKeys: ["viewer"] },
  });
  const token = (await kit.mails(email)).at(-1)?.token ?? "";
  const { data, errors } = await anyone.send(
    "mutation A($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { user { roles { key } } } }",
    { input: { token, password } },
  );
  expect({ data, errors }).toEqual({ data: { acceptInvitation: { user: { roles: [{ key: "viewer" }] } } }, errors: undefined });
});

it("fields that the new session's user cannot see are refused in the payload, and the session remains", async () => {
  const { data, errors } = await anyone.send(
    "mutation In($input: LoginInput!) { login(input: $input) { accessToken user { name auditTrail { totalCount } roles { key } } } }",
    { input: credentials(requester) },
  );
  expect(errors).toMatchObject([{ path: ["login", "user", "auditTrail"], extensions: { code: "FORBIDDEN" } }]);
  expect(data).toMatchObject({
    login: { accessToken: expect.any(String) as string, user: { auditTrail: null, roles: [{ key: "requester" }] } },
  });
});

it("a failed login returns no data of a user", async () => {
  const { data, errors } = await anyone.send("mutation In($input: LoginInput!) { login(input: $input) { user { roles { key } } } }", {
    input: { ...credentials(requester), password: "wrong" },
  });
  expect(data).toEqual({ login: null });
  expect(errors).toMatchObject([{ path: ["login"], extensions: { code: "UNAUTHENTICATED" } }]);
});

it("the rest of the document keeps its original viewer, before and after", async () => {
  const rename = (name: string): string => `updateProfile(input: { name: "${name}" }) { user { id name roles { key } } }`;
  const { data, errors } = await requester.send(
    `mutation In($input: LoginInput!) { a: ${rename("First")} login(input: $input) { user { id roles { key } } } b: ${rename("Last")} }`,
    { input: credentials(tenant.admin) },
  );
  expect(errors).toBeUndefined();
  const roles = [{ key: "requester" }];
  expect(data).toEqual({
    a: { user: { id: requester.id, name: "First", roles } },
    login: { user: { id: tenant.admin.id, roles: [{ key: "admin" }] } },
    b: { user: { id: requester.id, name: "Last", roles } },
  });
});

it("fragments, aliases and conditions apply in the payload as they do elsewhere", async () => {
  const { data, errors } = await anyone.send(
    `mutation In($input: LoginInput!, $yes: Boolean!, $no: Boolean!) {
      ...opened
    }
    fragment opened on Mutation {
      login(input: $input) @include(if: $yes) {
        ... on LoginPayload { user { ...roles @include(if: $yes) } other: user { teams { key } } }
        user { id name @include(if: $no) } hidden: user @skip(if: $yes) { teams { key } }
      }
    }
    fragment roles on User { roles { key } }`,
    { input: credentials(requester), yes: true, no: false },
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({ login: { user: { roles: [{ key: "requester" }], id: requester.id }, other: { teams: [] } } });
});

it("the payload's user does not give access to anything else: lists of the tenant need a separate login", async () => {
  const response = await anyone.send("mutation In($input: LoginInput!) { login(input: $input) { user { id } } users { totalCount } }", {
    input: credentials(tenant.admin),
  });
  expect(response.errors?.[0]?.extensions?.code).toMatch(/UNAUTHENTICATED|GRAPHQL_VALIDATION_FAILED/);
});
