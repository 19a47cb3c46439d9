import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeId } from "@weft/shared/ids";
import { operatorMutations } from "@weft/shared/viewer";
import { callerOf, composedApi, operationFor, type RootField, rootFieldsOf } from "@weft/testkit/isolation/api-schema";
import { requiredVariables } from "@weft/testkit/isolation/required-variables";
import { decodeJwt } from "jose";
import { postgres } from "@weft/pg-driver";
import { aSecondMs, ApiClient, startTestWeft, type TestPlatform, type TestTenant, TestUser, type TestWeft, until } from "@weft/testkit";
import { inputTypeOf } from "@weft/testkit/input-type";

const tenantsQuery = `query All($filter: TenantFilter, $orderBy: TenantOrder) {
  tenants(first: 100, filter: $filter, orderBy: $orderBy) { totalCount edges { node { id slug status plan kind } } }
}`;
const act = `mutation Act($input: ActAsTenantInput!) {
  actAsTenant(input: $input) { accessToken accessTokenExpiresAt session { id operatorName reason isActive expiresAt tenant { slug } } }
}`;
const sessionsQuery = `query Sessions($tenantId: ID, $isActive: Boolean) {
  operatorSessions(tenantId: $tenantId, isActive: $isActive) {
    totalCount edges { node { id operatorName reason isActive endedAt tenant { slug } operatorUser { id type } } }
  }
}`;
const end = "mutation End($input: IdInput!) { endOperatorSession(input: $input) { session { isActive endedAt } } }";
const change = (name: string) =>
  `mutation Change($input: ${inputTypeOf(name)}!) { ${name}(input: $input) { tenant { id name status plan version archivedAt purgeAt } } }`;
const ping = "{ me { id } }";
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

interface Page<T> {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: T }[];
}
interface Session {
  readonly id: string;
  readonly operatorName: string;
  readonly reason: string;
  readonly isActive: boolean;
  readonly tenant: { readonly slug: string } | null;
  readonly operatorUser: { readonly id: string; readonly type: string } | null;
}
const sessionsOf = async (who: TestUser, variables: Record<string, unknown> = {}): Promise<Session[]> => {
  const { operatorSessions } = await who.run<{ operatorSessions: Page<Session> }>(sessionsQuery, variables);
  expect(operatorSessions.totalCount).toBe(operatorSessions.edges.length);
  return operatorSessions.edges.map(({ node }) => node);
};
const actionsOn = async (tenant: TestTenant, action: string): Promise<{ actor: string; after: Record<string, unknown> | null }[]> => {
  const rows = await owner<{ actor: string; after: Record<string, unknown> | null }[]>`
    select u.type || ' ' || u.name as actor, e.after from audit.entries e join identity.users u on u.tenant_id = e.tenant_id and u.id = e.actor_id
     where e.tenant_id = ${tenant.id} and e.action = ${action} order by e.id`;
  return [...rows];
};

describe("tenants, for operators,", () => {
  it("are listed, searched, filtered and read one by one; other users cannot see them", async () => {
    const [acme, other] = [await kit.tenant("Wayne Enterprises"), await kit.tenant("Other")];
    const { tenants } = await platform.operator.run<{ tenants: Page<{ id: string; slug: string; kind: string }> }>(tenantsQuery);
    const slugs = tenants.edges.map(({ node }) => node.slug);
    expect(slugs).toEqual(expect.arrayContaining(["platform", acme.slug, other.slug]));
    expect(tenants.totalCount).toBe(slugs.length);
    const found = async (filter: object) =>
      (await platform.operator.run<{ tenants: Page<{ slug: string }> }>(tenantsQuery, { filter })).tenants.edges.map(
        ({ node }) => node.slug,
      );
    expect(await found({ search: { contains: "wayne" } })).toEqual([acme.slug]);
    expect(await found({ kind: { eq: "PLATFORM" } })).toEqual(["platform"]);
    expect(await found({ slug: { in: [other.slug] }, plan: { eq: "FREE" } })).toEqual([]);
    expect(await platform.operator.run("query T($id: ID) { tenant(id: $id) { slug plan } }", { id: idOf(acme) })).toEqual({
      tenant: { slug: acme.slug, plan: "ENTERPRISE" },
    });

    const eve = acme.admin;
    expect(await eve.refusal(tenantsQuery)).toBe("FORBIDDEN");
    expect(await eve.refusal("query T($id: ID) { tenant(id: $id) { slug } }", { id: idOf(other) })).toBe("NOT_FOUND");
    const input = { tenantId: idOf(other), reason: "Mine" };
    for (const name of ["deactivateTenant", "updateTenant"])
      expect([
        name,
        await eve.refusal(change(name), { input: name === "updateTenant" ? { tenantId: idOf(other), name: "Mine" } : input }),
      ]).toEqual([name, "NOT_FOUND"]);
    for (const name of ["reactivateTenant", "archiveTenant", "restoreTenant"])
      expect([name, await eve.refusal(change(name), { input })]).toEqual([name, "FORBIDDEN"]);
    expect(await eve.refusal(change("setTenantPlan"), { input: { ...input, plan: "ENTERPRISE" } })).toBe("FORBIDDEN");
    expect(await eve.refusal(act, { input })).toBe("FORBIDDEN");
  });

  it("are visible to a platform viewer, who can neither change them nor act in them", async () => {
    const viewer = await platform.tenant.user("platform_viewer");
    const acme = await kit.tenant();
    expect((await viewer.run<{ tenants: Page<unknown> }>(tenantsQuery)).tenants.totalCount).toBeGreaterThan(1);
    expect(await viewer.refusal(act, { input: { tenantId: idOf(acme), reason: "Curious" } })).toBe("FORBIDDEN");
    expect(await viewer.refusal(change("archiveTenant"), { input: { tenantId: idOf(acme), reason: "Bored" } })).toBe("FORBIDDEN");
    expect(await viewer.refusal(change("updateTenant"), { input: { tenantId: idOf(acme), name: "Mine" } })).toBe("FORBIDDEN");
  });

  it("are created with an administrator, once per idempotency key", async () => {
    const create = "mutation Create($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id slug plan kind } } }";
    const admin = { name: "Ada", email: "ada@initech.example", password: "a quiet river 42" };
    const input = { slug: "initech", name: "Initech", plan: "PRO", admin, idempotencyKey: "initech" };
    const first = await platform.operator.run<{ createTenant: { tenant: { id: string } } }>(create, { input });
    expect(first).toMatchObject({ createTenant: { tenant: { slug: "initech", plan: "PRO", kind: "CUSTOMER" } } });
    expect(await platform.operator.run(create, { input })).toEqual(first);
    expect(await platform.operator.refusal(create, { input: { ...input, name: "Other" } })).toBe("CONFLICT");
    expect(await platform.operator.refused(create, { input: { ...input, idempotencyKey: null } })).toMatchObject({
      extensions: { code: "BAD_USER_INPUT", problems: [{ path: "input.slug" }] },
    });
    expect(
      await platform.operator.refused(create, { input: { ...input, slug: "platform", admin: { ...admin, username: "ada", email: "x" } } }),
    ).toMatchObject({
      extensions: { problems: [{ path: "input.slug" }, { path: "input.admin.email" }] },
    });
    const ada = await TestUser.login(kit.url, admin.email, admin.password);
    expect(await ada.run("{ me { name roles { key } tenant { slug } } }")).toEqual({
      me: { name: "Ada", roles: [{ key: "admin" }], tenant: { slug: "initech" } },
    });
    expect(await ada.refusal(create, { input: { ...input, slug: "mine" } })).toBe("FORBIDDEN");
  });

  it("are created with an administrator who is invited by email and whose password no operator knows", async () => {
    const create = "mutation Create($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }";
    const input = { slug: "hooli", name: "Hooli", admin: { name: "Gavin", email: "gavin@hooli.example" } };
    await platform.operator.run(create, { input });
    const [mail, ...more] = await kit.mails("gavin@hooli.example");
    expect(more).toEqual([]);
    const accept = "mutation Accept($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken } }";
    await new ApiClient(kit.url).run(accept, { input: { token: mail?.token, password: "a quiet river 42" } });
    const gavin = await TestUser.login(kit.url, "gavin@hooli.example", "a quiet river 42");
    expect(await gavin.run("{ me { roles { key } tenant { slug } } }")).toEqual({
      me: { roles: [{ key: "admin" }], tenant: { slug: "hooli" } },
    });
  });

  it("are renamed and moved to another plan, with an audit entry in both tenants", async () => {
    const acme = await kit.tenant("Acme");
    const tenantId = idOf(acme);
    expect(
      await platform.operator.run(change("updateTenant"), { input: { tenantId, name: "Acme Inc.", expectedVersion: 1 } }),
    ).toMatchObject({ updateTenant: { tenant: { name: "Acme Inc.", version: 2 } } });
    expect(await platform.operator.run(change("setTenantPlan"), { input: { tenantId, plan: "PRO", reason: "Paid less" } })).toMatchObject({
      setTenantPlan: { tenant: { plan: "PRO", version: 3 } },
    });
    expect(await platform.operator.refusal(change("setTenantPlan"), { input: { tenantId, plan: "FREE", reason: " " } })).toBe(
      "BAD_USER_INPUT",
    );
    expect(
      await platform.operator.refusal(change("setTenantPlan"), { input: { tenantId, plan: "FREE", reason: "x", expectedVersion: 1 } }),
    ).toBe("CONFLICT");
    expect(await actionsOn(acme, "tenant.setPlan")).toMatchObject([
      { actor: expect.stringMatching(/^OPERATOR /) as string, after: { plan: "PRO", reason: "Paid less" } },
    ]);
    expect((await actionsOn(platform.tenant, "tenant.setPlan")).at(-1)).toMatchObject({ after: { plan: "PRO", tenantId: acme.id } });
  });

  it("have a life cycle (suspended, reactivated, archived, restored) in which each state refuses invalid transitions", async () => {
    const acme = await kit.tenant();
    const changeStatus = async (name: string) => {
      const data = await platform.operator.run<Record<string, { tenant: { status: string; purgeAt: string | null } }>>(change(name), {
        input: { tenantId: idOf(acme), reason: name },
      });
      return data[name]?.tenant;
    };
    const refused = (name: string) => platform.operator.refusal(change(name), { input: { tenantId: idOf(acme), reason: name } });
    const state = () => acme.admin.send(ping).then(({ errors }) => errors?.[0]?.extensions?.code ?? "active");
    const becomes = (code: string) => until(async () => (await state()) === code, { what: `the tenant is ${code}`, deadlineMs: aSecondMs });

    expect(await changeStatus("deactivateTenant")).toMatchObject({ status: "SUSPENDED" });
    await becomes("TENANT_SUSPENDED");
    expect(await changeStatus("reactivateTenant")).toMatchObject({ status: "ACTIVE" });
    await becomes("active");
    const archived = await changeStatus("archiveTenant");
    expect(archived?.status).toBe("ARCHIVED");
    expect(Date.parse(archived?.purgeAt ?? "")).toBeGreaterThan(Date.now() + 24 * 3_600_000);
    await becomes("TENANT_SUSPENDED");
    await expect(acme.admin.again()).rejects.toThrow("UNAUTHENTICATED");
    const heir = { name: "Heir", email: acme.admin.login, password: "another river 43" };
    await platform.operator.run("mutation C($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }", {
      input: { slug: `${acme.slug}-heir`, name: "Heirs", admin: heir },
    });
    expect((await TestUser.login(kit.url, heir.email, heir.password)).login).toBe(acme.admin.login);
    for (const name of ["deactivateTenant", "reactivateTenant"]) expect([name, await refused(name)]).toEqual([name, "CONFLICT"]);
    expect(await platform.operator.refusal(act, { input: { tenantId: idOf(acme), reason: "Look" } })).toBe("CONFLICT");
    expect(await changeStatus("restoreTenant")).toMatchObject({ status: "ACTIVE", purgeAt: null });
    await becomes("active");
    expect(await actionsOn(acme, "tenant.restore")).toHaveLength(1);
  });

  it("do not include the platform tenant, which cannot be suspended or entered", async () => {
    const input = { tenantId: idOf(platform.tenant), reason: "Lock out" };
    expect(await platform.operator.refusal(change("archiveTenant"), { input })).toBe("NOT_FOUND");
    expect(await platform.operator.refusal(act, { input })).toBe("NOT_FOUND");
    expect(await platform.tenant.admin.refusal(change("deactivateTenant"), { input: { reason: "Lock out" } })).toBe("CONFLICT");
    expect(await platform.operator.refusal(change("deactivateTenant"), { input: { reason: "Lock out" } })).toBe("FORBIDDEN");
  });
});

describe("a platform operator in a tenant", () => {
  it("has a marked token that ends with the session; the tenant's administrators see by name which operator was there and why", async () => {
    const acme = await kit.tenant();
    const input = { tenantId: idOf(acme), reason: "Ticket 4711", minutes: 20 };
    const { actAsTenant } = await platform.operator.run<{
      actAsTenant: { accessToken: string; accessTokenExpiresAt: string; session: { id: string; expiresAt: string } };
    }>(act, { input });
    expect(actAsTenant).toMatchObject({ session: { operatorName: "Platform operator Otto", reason: "Ticket 4711", isActive: true } });
    const claims = decodeJwt(actAsTenant.accessToken);
    expect(claims).toMatchObject({ tid: acme.id, act: { tid: platform.tenant.id } });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(1_200);
    const otto = await TestUser.withToken(kit.url, actAsTenant.accessToken);
    expect(await otto.run("{ me { name type roles { key } tenant { slug } } }")).toEqual({
      me: { name: "Platform operator Otto", type: "OPERATOR", roles: [], tenant: { slug: acme.slug } },
    });

    expect(await sessionsOf(acme.admin)).toMatchObject([
      {
        id: actAsTenant.session.id,
        operatorName: "Platform operator Otto",
        reason: "Ticket 4711",
        isActive: true,
        operatorUser: { id: otto.id, type: "OPERATOR" },
      },
    ]);
    expect(await sessionsOf(platform.operator, { tenantId: idOf(acme), isActive: true })).toMatchObject([{ tenant: { slug: acme.slug } }]);
    expect(await sessionsOf(acme.admin, { isActive: false })).toEqual([]);
    expect(await sessionsOf((await kit.tenant()).admin)).toEqual([]);
    expect(await (await acme.user("workflow_manager")).refusal(sessionsQuery)).toBe("FORBIDDEN");

    expect(await actionsOn(acme, "session.operatorEntered")).toMatchObject([{ after: { operatorReason: "Ticket 4711", minutes: 20 } }]);
    expect((await actionsOn(platform.tenant, "tenant.actAs")).at(-1)).toMatchObject({
      actor: "EMPLOYEE Otto",
      after: { reason: "Ticket 4711" },
    });
    await otto.run(`mutation { createTeam(input: { key: "x", name: "x" }) { team { id } } }`).catch(() => undefined);
    await otto.run(`mutation { createVendor(input: { code: "V1", name: "By the operator" }) { vendor { id } } }`);
    expect(await actionsOn(acme, "vendor.create")).toMatchObject([{ actor: "OPERATOR Platform operator Otto" }]);
  });

  it("must give a reason and stays an hour at most", async () => {
    const tenantId = idOf(await kit.tenant());
    for (const more of [{ reason: " " }, { reason: "x", minutes: 61 }, { reason: "x", minutes: 0 }, { reason: "x".repeat(2001) }])
      expect(await platform.operator.refusal(act, { input: { tenantId, ...more } })).toBe("BAD_USER_INPUT");
    expect(await platform.operator.refusal(act, { input: { tenantId: "ten_00000000000000000000000000", reason: "x" } })).toBe("NOT_FOUND");
  });

  it("leaves no access behind: no users, roles, teams, or settings; and cannot reach other tenants", async () => {
    const [acme, other] = [await kit.tenant(), await kit.tenant()];
    const otto = await platform.actAs(acme);
    const refused: Record<string, [string, object]> = {
      createUser: ["CreateUserInput", { email: "x@x.example", name: "x", password: "a quiet river 42", roleKeys: ["viewer"] }],
      updateUser: ["UpdateUserInput", { id: acme.admin.id, email: "otto@x.example" }],
      deactivateUser: ["VersionedIdInput", { id: acme.admin.id }],
      createRole: ["CreateRoleInput", { key: "back", name: "Back", permissions: [] }],
      createTeam: ["CreateTeamInput", { key: "back", name: "Back" }],
      updateTenant: ["UpdateTenantInput", { name: "Mine" }],
      deactivateTenant: ["DeactivateTenantInput", { reason: "x" }],
      actAsTenant: ["ActAsTenantInput", { tenantId: idOf(other), reason: "x" }],
      setTenantPlan: ["SetTenantPlanInput", { tenantId: idOf(acme), plan: "FREE", reason: "x" }],
    };
    for (const [name, [type, input]] of Object.entries(refused)) {
      const mutation = `mutation M($input: ${type}!) { ${name}(input: $input) { __typename } }`;
      expect([name, await otto.refusal(mutation, { input })]).toEqual([name, "FORBIDDEN"]);
    }
    expect(await otto.refusal(tenantsQuery)).toBe("FORBIDDEN");
    expect(await otto.refusal("query T($id: ID) { tenant(id: $id) { slug } }", { id: idOf(other) })).toBe("NOT_FOUND");
  });

  it("leaves nothing behind that reaches out or works on: no links, destinations, definitions, exports, or imports", async () => {
    const acme = await kit.tenant();
    const otto = await platform.actAs(acme);
    for (const name of operatorMutations.lasting) {
      const root = rootFieldsOf(composedApi()).find((one) => one.name === name);
      const caller = callerOf(root as RootField, otto);
      const { message, extensions } = await caller.refused(operationFor(root as RootField, 1), requiredVariables(root as RootField));
      expect([name, extensions?.code, message]).toEqual([
        name,
        "FORBIDDEN",
        expect.stringContaining("would outlast the session") as string,
      ]);
    }
  });

  it("can call only mutations that somebody has classified: a new one belongs in packages/shared/src/viewer/operator-mutations.ts", () => {
    const classified = Object.values(operatorMutations).flat();
    const mutations = rootFieldsOf(composedApi()).flatMap(({ kind, name }) => (kind === "mutation" ? [name] : []));
    expect(classified.toSorted()).toEqual(mutations.toSorted());
  });

  it("has no further permissions, whatever the tenant grants the operator user, which cannot be changed", async () => {
    const acme = await kit.tenant();
    const otto = await platform.actAs(acme);
    const update = "mutation U($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";
    expect(await acme.admin.refusal(update, { input: { id: otto.id, name: "Mallory" } })).toBe("FORBIDDEN");
    const make = "mutation C($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
    expect(await acme.admin.refusal(make, { input: { email: "o@x.example", name: "O", type: "OPERATOR" } })).toBe("BAD_USER_INPUT");
    // Bypassing the API: roles of an operator user grant nothing.
    await owner`insert into identity.user_roles (tenant_id, user_id, role_id) select tenant_id, (select id from identity.users where tenant_id = ${acme.id} and type = 'OPERATOR'), id from identity.roles where tenant_id = ${acme.id} and key = 'admin'`;
    await until(async () => (await otto.run<{ me: { roles: unknown[] } }>("{ me { roles { key } } }")).me.roles.length === 1, {
      what: "the role is there",
    });
    expect(await otto.refusal(make, { input: { email: "o@x.example", name: "O" } })).toBe("FORBIDDEN");
  });

  it("has read access only if the tenant is suspended", async () => {
    const acme = await kit.tenant();
    await acme.admin.run(change("deactivateTenant"), { input: { reason: "Unpaid" } });
    const otto = await platform.actAs(acme);
    expect((await otto.send("{ vendors { totalCount } users { totalCount } }")).errors).toBeUndefined();
    expect(await otto.refusal(`mutation { createVendor(input: { code: "V1", name: "x" }) { vendor { id } } }`)).toBe("FORBIDDEN");
  });
});

describe("an operator's session ends", () => {
  const isOut = (who: TestUser) =>
    until(async () => (await who.send(ping)).errors?.[0]?.extensions?.code === "UNAUTHENTICATED", {
      what: "the operator is out",
      deadlineMs: aSecondMs,
    });
  const own = async () => {
    const operator = await platform.tenant.user("platform_operator", { name: "Olga" });
    const acme = await kit.tenant();
    const inside = await platform.actAs(acme, operator);
    const feed = await inside.subscribe("notificationReceived", "subscription { notificationReceived { cursor } }");
    const [session] = await sessionsOf(acme.admin);
    return { operator, acme, inside, feed, sessionId: session?.id ?? "" };
  };

  it("when the tenant's administrator or another operator ends it, within a second, on WebSockets as well", { tags: "slow" }, async () => {
    for (const by of ["administrator", "operator"] as const) {
      const { acme, inside, feed, sessionId } = await own();
      const who = by === "administrator" ? acme.admin : platform.operator;
      expect(await who.run(end, { input: { id: sessionId } })).toMatchObject({ endOperatorSession: { session: { isActive: false } } });
      await isOut(inside);
      expect((await feed.untilClosed(aSecondMs)).code).toBe(4401);
      expect(await who.run(end, { input: { id: sessionId } })).toMatchObject({ endOperatorSession: { session: { isActive: false } } });
      expect(await actionsOn(acme, "session.operatorEnded")).toHaveLength(1);
      const inPlatformTenant = (await actionsOn(platform.tenant, "tenant.endActAs")).length;
      expect(inPlatformTenant).toBe(by === "operator" ? 1 : 0);
    }
    const { sessionId } = await own();
    expect(await (await kit.tenant()).admin.refusal(end, { input: { id: sessionId } })).toBe("NOT_FOUND");
  });

  it(
    "with the operator's own session: at logout, when the operator is disabled, or when they lose the right to act",
    { tags: "slow" },
    async () => {
      const logout = await own();
      await logout.operator.run("mutation { logout { sessionId } }");
      await isOut(logout.inside);
      expect((await logout.feed.untilClosed(aSecondMs)).code).toBe(4401);

      const disabled = await own();
      await platform.tenant.admin.run("mutation D($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }", {
        input: { id: disabled.operator.id },
      });
      await isOut(disabled.inside);

      const demoted = await own();
      await platform.tenant.admin.run("mutation U($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
        input: { id: demoted.operator.id, roleIds: [] },
      });
      await isOut(demoted.inside);
      expect((await demoted.feed.untilClosed(aSecondMs)).code).toBe(4401);
    },
  );

  it("when it expires", async () => {
    const { inside, sessionId, acme } = await own();
    await owner`update identity.sessions set expires_at = now() where tenant_id = ${acme.id} and operator_id is not null`;
    await isOut(inside);
    await acme.admin.run(end, { input: { id: sessionId } });
    expect(await sessionsOf(acme.admin, { isActive: false })).toMatchObject([{ id: sessionId, endedAt: null }]);
  });
});

describe("platform permissions", () => {
  it("are not available to customers: not listed, not granted, and not honored even if a role has them", async () => {
    const acme = await kit.tenant();
    const names = async (who: TestUser) =>
      (await who.run<{ permissions: { name: string }[] }>("{ permissions { name } }")).permissions.map(({ name }) => name);
    expect((await names(acme.admin)).filter((name) => name.startsWith("platform."))).toEqual([]);
    expect((await names(platform.operator)).filter((name) => name.startsWith("platform."))).toHaveLength(3);
    const create = "mutation R($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
    const permissions = [{ permission: "platform.act", scope: "TENANT" }];
    expect(await acme.admin.refusal(create, { input: { key: "attacker", name: "Attacker", permissions } })).toBe("FORBIDDEN");
    const attacker = await acme.user("viewer");
    await owner`insert into identity.role_permissions (tenant_id, role_id, permission, scope)
      select tenant_id, id, 'platform.' || p, 'TENANT' from identity.roles, unnest(array['read', 'update', 'act']) p where tenant_id = ${acme.id} and key = 'viewer'`;
    expect(await attacker.refusal(tenantsQuery)).toBe("FORBIDDEN");
    expect(await attacker.refusal(act, { input: { tenantId: idOf(acme), reason: "x" } })).toBe("FORBIDDEN");
  });

  it("can be granted only by users who hold them: an operator cannot create operators", async () => {
    const input = { email: "new@platform.example", name: "New", roleKeys: ["platform_operator"] };
    const make = "mutation C($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
    expect(await platform.operator.refusal(make, { input })).toBe("FORBIDDEN");
    expect((await platform.tenant.admin.send(make, { input })).errors).toBeUndefined();
  });
});
