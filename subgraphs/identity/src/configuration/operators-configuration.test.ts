import { randomUUID } from "node:crypto";
import { encodeId } from "@weft/shared/ids";
import { aSecondMs, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

let kit: TestWeft;
let operator: TestUser;
beforeAll(async () => {
  kit = await startTestWeft({ alone: "It uses the platform." });
  ({ operator } = await kit.platform());
});
afterAll(() => kit.stop());

const names = {
  PLATFORM: "updatePlatformConfiguration",
  PLAN: "updatePlanConfiguration",
  CONTRACT: "updateContractConfiguration",
} as const;
const mutationOf = (level: keyof typeof names) => {
  const name = names[level];
  const type = inputTypeOf(name);
  return `mutation ($input: ${type}!) { ${name}(input: $input) { configuration { level version document message } } }`;
};
const change = (level: keyof typeof names, input: object) => operator.run(mutationOf(level), { input: { message: "A test", ...input } });
const idOf = ({ id }: TestTenant) => encodeId("tenant", id);
const effective = "{ effectiveConfiguration { entries { path value source { level version message author { name } } } } }";
const entryOf = async (user: TestUser, path: string) => {
  const { effectiveConfiguration } = await user.run<{ effectiveConfiguration: { entries: { path: string }[] } }>(effective);
  return effectiveConfiguration.entries.find((entry) => entry.path === path);
};

it("operators write platform, plans and contracts; tenants inherit from them and see which level a value comes from, but not why", async () => {
  const [tenant, other] = [await kit.tenant(), await kit.tenant()];
  await change("PLATFORM", { patch: { branding: { supportEmail: "help@weft.example" } } });
  await change("PLAN", { plan: "ENTERPRISE", patch: { features: { betaSearch: true } } });
  expect(await change("CONTRACT", { tenantId: idOf(tenant), patch: { limits: { users: 2 } }, expectedVersion: 0 })).toEqual({
    updateContractConfiguration: {
      configuration: { level: "CONTRACT", version: 1, document: { limits: { users: 2 } }, message: "A test" },
    },
  });
  expect(await entryOf(tenant.admin, "branding.supportEmail")).toMatchObject({
    value: "help@weft.example",
    source: { level: "PLATFORM", message: null },
  });
  expect(await entryOf(tenant.admin, "features.betaSearch")).toMatchObject({ value: true, source: { level: "PLAN" } });
  expect(await entryOf(tenant.admin, "limits.users")).toEqual({
    path: "limits.users",
    value: 2,
    source: { level: "CONTRACT", version: 1, message: null, author: { name: "Platform operator Otto" } },
  });
  expect(await entryOf(other.admin, "limits.users")).toMatchObject({ value: null });
  const version = { version: 1, message: null, author: { name: "Platform operator Otto" } };
  const fields = "version message author { name }";
  expect(
    await tenant.admin.run(
      `{ contractConfiguration { ${fields} } configuration(level: CONTRACT) { ${fields} } configurationVersions(level: CONTRACT) { edges { node { ${fields} } } } }`,
    ),
  ).toEqual({ contractConfiguration: version, configuration: version, configurationVersions: { edges: [{ node: version }] } });
  expect(await operator.run("query ($id: ID!) { contractConfiguration(tenantId: $id) { version message } }", { id: idOf(tenant) })).toEqual(
    { contractConfiguration: { version: 1, message: "A test" } },
  );

  // The limit takes effect immediately, in the transaction that would exceed it.
  await tenant.user("viewer");
  const { extensions } = await tenant.admin.refused("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", {
    input: { email: "third@example.com", name: "Third", roleKeys: ["viewer"] },
  });
  expect(extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "users", used: 2, allowed: 2 });
});

it("no user, not even an operator, can be left without a single operation", async () => {
  const { message } = await operator.refused(mutationOf("PLATFORM"), {
    input: { patch: { limits: { operationsPerMinute: 0 } }, message: "Closed" },
  });
  expect(message).toBe("input.patch.limits.operationsPerMinute: 0 is less than 1.");
});

it("a limit on operations that an operator sets applies at the gateway within a second", async () => {
  const tenant = await kit.tenant();
  const ping = async () => (await tenant.admin.send("{ __typename }")).errors?.[0]?.extensions?.code;
  expect(await ping()).toBeUndefined();
  await change("CONTRACT", { tenantId: idOf(tenant), patch: { limits: { operationsPerMinute: 1 } } });
  await until(async () => (await ping()) === "RATE_LIMITED", { what: "the limit holds", deadlineMs: aSecondMs });
  await change("CONTRACT", { tenantId: idOf(tenant), unset: ["limits.operationsPerMinute"] });
  await until(async () => (await ping()) === undefined, { what: "the limit is gone", deadlineMs: aSecondMs });
});

it("a change is audited on both sides, and the tenant is notified of its contract", async () => {
  const tenant = await kit.tenant();
  const feed = await tenant.admin.subscribe<object>(
    "configurationChanged",
    "subscription { configurationChanged { level version changed } }",
  );
  await change("CONTRACT", { tenantId: idOf(tenant), patch: { security: { passwordMinLength: 12 } } });
  expect(await feed.until((seen) => seen.length === 1)).toEqual([
    { level: "CONTRACT", version: 1, changed: ["security.passwordMinLength"] },
  ]);
  await feed.stop();
  const { tenant: platform } = await kit.platform();
  const query =
    'query ($id: ID) { auditEntries(first: 5, filter: { action: { eq: "configuration.update" }, entityId: { eq: $id } }) { edges { node { action after actor { name } } } } }';
  type Entries = { auditEntries: { edges: { node: object }[] } };
  const after = { level: "CONTRACT", subject: tenant.id, configurationVersion: 1, document: { security: { passwordMinLength: 12 } } };
  for (const [who, name] of [
    [tenant.admin, "Platform operator Otto"],
    [platform.admin, "Otto"],
  ] as const) {
    const { auditEntries } = await who.run<Entries>(query, { id: idOf(tenant) });
    expect(auditEntries.edges.map(({ node }) => node)).toEqual([{ action: "configuration.update", after, actor: { name } }]);
  }
});

it("a tenant cannot relax what its operators require of logins", async () => {
  const tenant = await kit.tenant();
  await change("CONTRACT", { tenantId: idOf(tenant), patch: { security: { passwordMinLength: 12, sessionLifetimeHours: 10 } } });
  await tenant.admin.run(
    "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
    {
      input: { patch: { security: { passwordMinLength: 8, sessionLifetimeHours: 100 } }, message: "Laxer" },
    },
  );
  expect(await entryOf(tenant.admin, "security.passwordMinLength")).toMatchObject({ value: 12, source: { level: "CONTRACT" } });
  expect(await entryOf(tenant.admin, "security.sessionLifetimeHours")).toMatchObject({ value: 10, source: { level: "CONTRACT" } });
});

it("operators cannot require single sign-on of tenants in which nobody could log in if the identity provider failed", async () => {
  const tenant = await kit.tenant();
  const owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const required = { patch: { security: { singleSignOn: "REQUIRED" } }, message: "Logins" };
    await owner`insert into identity.identity_providers (tenant_id, id, kind, name, status, configuration, creates_users, accepts_unverified_email, redirect_urls, created_by)
      values (${tenant.id}, ${randomUUID()}, 'OIDC', 'P', 'ACTIVE', '{}', false, false, '{}', ${randomUUID()})`;
    const [{ plan } = { plan: "" }] = await owner<{ plan: string }[]>`select plan from identity.tenants where tenant_id = ${tenant.id}`;
    for (const [level, place] of [
      ["CONTRACT", { tenantId: idOf(tenant) }],
      ["PLAN", { plan }],
      ["PLATFORM", {}],
    ] as const) {
      const { extensions } = await operator.refused(mutationOf(level), { input: { ...required, ...place } });
      expect(extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        problems: [{ path: "input.patch.security.singleSignOn", message: expect.stringContaining(tenant.slug) as string }],
      });
    }
    await owner`update identity.users set is_break_glass = true where tenant_id = ${tenant.id}`;
    await change("CONTRACT", { tenantId: idOf(tenant), ...required });
    expect(await entryOf(tenant.admin, "security.singleSignOn")).toMatchObject({ value: "REQUIRED", source: { level: "CONTRACT" } });
  } finally {
    await owner.end();
  }
});

it("users of a tenant cannot write above its level, and read only their own contract", async () => {
  const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
  const input = { patch: { limits: { users: null } }, message: "Mine" };
  const neverIssued = encodeId("tenant", "01890009-0000-7000-8000-000000000000");
  for (const tenantId of [idOf(ours), idOf(theirs), neverIssued])
    expect(await ours.admin.refusal(mutationOf("CONTRACT"), { input: { ...input, tenantId } })).toBe("FORBIDDEN");
  expect(await ours.admin.refusal(mutationOf("PLAN"), { input: { ...input, plan: "ENTERPRISE" } })).toBe("FORBIDDEN");
  expect(await ours.admin.refusal(mutationOf("PLATFORM"), { input })).toBe("FORBIDDEN");
  const read = "query ($level: ConfigurationLevel, $plan: Plan) { configuration(level: $level, plan: $plan) { version } }";
  expect(await ours.admin.run(read, { level: "CONTRACT" })).toEqual({ configuration: { version: 0 } });
  const contract = "query ($tenantId: ID!) { contractConfiguration(tenantId: $tenantId) { version } }";
  expect(await ours.admin.run(contract, { tenantId: idOf(ours) })).toEqual({ contractConfiguration: { version: 0 } });
  for (const tenantId of [idOf(theirs), neverIssued]) expect(await ours.admin.refusal(contract, { tenantId })).toBe("NOT_FOUND");
  // A rejection names a permission that a user of the tenant could have.
  const requester = await ours.user("requester");
  expect((await requester.refused(read)).message).toBe("You do not have the permission configuration.read.");
  expect((await requester.refused('mutation { deactivateTenant(input: { reason: "Mine" }) { tenant { id } } }')).message).toBe(
    "You do not have the permission tenant.update in scope TENANT.",
  );
  expect(await (await ours.user("requester")).refusal(contract, { tenantId: idOf(ours) })).toBe("FORBIDDEN");
  expect(await operator.refusal(contract, { tenantId: neverIssued })).toBe("NOT_FOUND");
  expect(await ours.admin.refusal(read, { level: "PLATFORM" })).toBe("FORBIDDEN");
  expect(await ours.admin.refusal(read, { plan: "FREE" })).toBe("FORBIDDEN");
  const { tenant: platform } = await kit.platform();
  const inside = await (await kit.platform()).actAs(theirs);
  expect(await inside.refusal(mutationOf("CONTRACT"), { input: { ...input, tenantId: idOf(theirs) } })).toBe("FORBIDDEN");
  expect(await operator.refusal(mutationOf("CONTRACT"), { input: { ...input, tenantId: neverIssued } })).toBe("NOT_FOUND");
  expect(await operator.refusal(mutationOf("CONTRACT"), { input: { ...input, tenantId: idOf(platform) } })).toBe("NOT_FOUND");
  expect(await (await platform.user("platform_viewer")).refusal(mutationOf("PLATFORM"), { input })).toBe("FORBIDDEN");
});

it("operators read what they wrote: the versions of a plan, and the contract with a tenant", async () => {
  const tenant = await kit.tenant();
  const idempotencyKey = "once";
  const pro = { plan: "PRO", patch: { limits: { users: 2000 } }, idempotencyKey };
  const first = await change("PLAN", pro);
  expect(await change("PLAN", pro)).toEqual(first);
  expect(
    await operator.run(
      "{ configurationVersions(plan: PRO, first: 10) { totalCount edges { node { version message } } } configurationDiff(plan: PRO, from: 1, to: 2) { path before after } }",
    ),
  ).toEqual({
    configurationVersions: {
      totalCount: 2,
      edges: [{ node: { version: 2, message: "A test" } }, { node: { version: 1, message: "As shipped." } }],
    },
    configurationDiff: [{ path: "limits.users", before: 1000, after: 2000 }],
  });
  await change("CONTRACT", { tenantId: idOf(tenant), patch: { locale: "de" } });
  expect(
    await operator.run("query ($tenantId: ID!) { contractConfiguration(tenantId: $tenantId) { level version document } }", {
      tenantId: idOf(tenant),
    }),
  ).toEqual({
    contractConfiguration: { level: "CONTRACT", version: 1, document: { locale: "de" } },
  });
});
