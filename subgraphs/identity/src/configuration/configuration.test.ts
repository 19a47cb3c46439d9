import { beforeAll, describe, expect, it } from "vitest";
import { ApiClient, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

const update = `mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) {
  configuration { level version document message author { id } team { key } } } }`;
const rollback = `mutation ($input: RollbackConfigurationInput!) { rollbackConfiguration(input: $input) { configuration { version document } } }`;
const effective = `query ($teamId: ID) { effectiveConfiguration(teamId: $teamId) {
  value entries { path value source { level version message author { id } } } } }`;

interface Schema {
  readonly $schema: string;
  readonly properties: { readonly limits: { readonly properties: { readonly users: unknown } } };
}
interface Entry {
  readonly path: string;
  readonly value: unknown;
  readonly source: { readonly level: string; readonly version: number } | null;
}
const entriesOf = async (user: TestUser, teamId?: string): Promise<Map<string, Entry>> => {
  const { effectiveConfiguration } = await user.run<{ effectiveConfiguration: { entries: Entry[] } }>(effective, { teamId });
  return new Map(effectiveConfiguration.entries.map((entry) => [entry.path, entry]));
};
const patch = (tenant: TestTenant, changes: object, more: object = {}) =>
  tenant.admin.run(update, { input: { patch: changes, message: "A test", ...more } });
const problemsOf = async (tenant: TestTenant, input: object) => {
  const { extensions } = await tenant.admin.refused(update, { input: { message: "A test", ...input } });
  return [
    extensions?.code,
    ...((extensions?.["problems"] ?? []) as { path: string; message: string }[]).map(({ path, message }) => `${path}: ${message}`),
  ];
};

/** Creates a role with one permission in one scope. */
async function personWith(tenant: TestTenant, permission: string, scope: string, teams: string[] = []): Promise<TestUser> {
  const key = `r_${permission.replace(".", "_")}_${scope.toLowerCase()}_${teams.join("_")}`;
  await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: {
      key,
      name: key,
      permissions: [
        { permission, scope },
        { permission: "team.read", scope: "TENANT" },
      ],
    },
  });
  return tenant.user(key, { teams });
}

describe("the schema", () => {
  it("returns every setting with its title, its default and the levels where it can be set", async () => {
    const tenant = await kit.tenant();
    const { configurationSchema } = await tenant.admin.run<{ configurationSchema: Schema }>("{ configurationSchema }");
    expect(configurationSchema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(configurationSchema.properties.limits.properties.users).toMatchObject({
      title: "Users",
      default: null,
      "x-weft-levels": ["PLATFORM", "PLAN", "CONTRACT"],
    });
  });
});

describe("the effective configuration", () => {
  it("comes from the narrowest level that sets it, with the version and its author", async () => {
    const tenant = await kit.tenant();
    const teamId = await tenant.team("night");
    await patch(tenant, { locale: "de-AT", branding: { name: "Acme" } });
    await patch(tenant, { locale: "fr" }, { teamId });
    await patch(tenant, { timeZone: "Europe/Vienna" });
    const [ofTenant, ofTeam] = [await entriesOf(tenant.admin), await entriesOf(tenant.admin, teamId)];
    const by = { message: "A test", author: { id: tenant.admin.id } };
    expect(ofTenant.get("locale")).toMatchObject({ value: "de-AT", source: { level: "TENANT", version: 2, ...by } });
    expect(ofTeam.get("locale")).toMatchObject({ value: "fr", source: { level: "TEAM", version: 1, ...by } });
    expect(ofTeam.get("branding.name")).toMatchObject({ value: "Acme", source: { level: "TENANT", version: 2 } });
    expect(ofTenant.get("limits.operationsPerMinute")).toMatchObject({
      value: null,
      source: { level: "PLAN", message: null, author: null },
    });
    expect(ofTenant.get("security.passwordMinLength")).toMatchObject({ value: 8, source: null });
  });

  it("is visible to everyone as far as it is public, and completely with configuration.read", async () => {
    const tenant = await kit.tenant();
    const vendor = await tenant.vendor();
    await patch(tenant, { branding: { supportEmail: "help@acme.example" } });
    for (const user of [await tenant.user("requester"), vendor.user]) {
      const seen = await entriesOf(user);
      expect(seen.get("branding.supportEmail")).toMatchObject({ value: "help@acme.example", source: null });
      expect(seen.has("security.passwordMinLength")).toBe(true);
      expect(await user.run("{ effectiveConfiguration { value } }")).toMatchObject({ effectiveConfiguration: { value: { features: {} } } });
      expect([...seen.keys()].filter((path) => /^(limits|retention)\.|session/.test(path))).toEqual([]);
      expect(await user.refusal("{ configuration { version } }")).toBe("FORBIDDEN");
      expect(await user.refusal(update, { input: { patch: { locale: "de" }, message: "Mine" } })).toBe("FORBIDDEN");
    }
  });
});

describe("versions", () => {
  it("are consecutive and can be paginated, compared and restored", async () => {
    const tenant = await kit.tenant();
    expect(await tenant.admin.run("{ configuration { level version document message author { id } createdAt } }")).toEqual({
      configuration: { level: "TENANT", version: 0, document: {}, message: null, author: null, createdAt: null },
    });
    await patch(tenant, { locale: "de", holidays: [{ date: "2026-12-25", name: "Christmas" }] }, { expectedVersion: 0 });
    await patch(tenant, { branding: { name: "Acme" } }, { unset: ["locale"], expectedVersion: 1 });
    await tenant.admin.run(update, { input: { document: { timeZone: "UTC" }, message: "Anew" } });
    const versions =
      "query ($after: String) { configurationVersions(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { version message } } } }";
    type Versions = { configurationVersions: { totalCount: number; pageInfo: { endCursor: string }; edges: { node: object }[] } };
    const first = await tenant.admin.run<Versions>(versions);
    const { pageInfo } = first.configurationVersions;
    const second = await tenant.admin.run<Versions>(versions, { after: pageInfo.endCursor });
    expect([first, second].flatMap((page) => page.configurationVersions.edges.map(({ node }) => node))).toEqual([
      { version: 3, message: "Anew" },
      { version: 2, message: "A test" },
      { version: 1, message: "A test" },
    ]);
    expect(first.configurationVersions.totalCount).toBe(3);
    expect(await tenant.admin.run("{ configurationDiff(from: 1, to: 2) { path kind before after } }")).toEqual({
      configurationDiff: [
        { path: "branding.name", kind: "ADDED", before: null, after: "Acme" },
        { path: "locale", kind: "REMOVED", before: "de", after: null },
      ],
    });
    expect(await tenant.admin.refusal("{ configurationDiff(from: 1, to: 7) { path } }")).toBe("BAD_USER_INPUT");
    expect(await tenant.admin.run(rollback, { input: { toVersion: 1, message: "Back", expectedVersion: 3 } })).toEqual({
      rollbackConfiguration: {
        configuration: { version: 4, document: { locale: "de", holidays: [{ date: "2026-12-25", name: "Christmas" }] } },
      },
    });
    expect(await tenant.admin.refusal(rollback, { input: { toVersion: 9, message: "Back" } })).toBe("BAD_USER_INPUT");
    expect(await tenant.admin.refusal(rollback, { input: { toVersion: 1, message: "Back", expectedVersion: 3 } })).toBe("CONFLICT");
  });

  it("of two writers who read the same version, one gets a conflict; ten writers without an expected version all succeed", async () => {
    const tenant = await kit.tenant();
    const answers = await Promise.all(
      ["de", "fr"].map((locale) => tenant.admin.send(update, { input: { patch: { locale }, message: "Race", expectedVersion: 0 } })),
    );
    expect(answers.flatMap(({ errors }) => errors?.[0]?.extensions?.code ?? [])).toEqual(["CONFLICT"]);
    await Promise.all(Array.from({ length: 10 }, (_, at) => patch(tenant, { branding: { name: `Name ${at}` } })));
    const { configuration } = await tenant.admin.run<{ configuration: { version: number } }>("{ configuration { version } }");
    expect(configuration.version).toBe(11);
  });

  it("are not written for a change that changes nothing", async () => {
    const tenant = await kit.tenant();
    await patch(tenant, { locale: "de" });
    expect(await patch(tenant, { locale: "de", branding: {} })).toMatchObject({ updateConfiguration: { configuration: { version: 1 } } });
  });

  it("appear in the audit trail of what they configure", async () => {
    const tenant = await kit.tenant();
    await patch(tenant, { locale: "de" });
    const { tenant: own } = await tenant.admin.run<{ tenant: { auditTrail: { edges: { node: { action: string; after: unknown } }[] } } }>(
      "{ tenant { auditTrail(first: 1) { edges { node { action after } } } } }",
    );
    expect(own.auditTrail.edges[0]?.node).toEqual({
      action: "configuration.update",
      after: { level: "TENANT", subject: tenant.id, configurationVersion: 1, document: { locale: "de" } },
    });
  });
});

describe("a document", () => {
  it("that is invalid is refused with every problem, its path and a suggestion", async () => {
    const tenant = await kit.tenant();
    const wrong = {
      lokale: "de",
      security: { passwordMinLenght: 12, sessionLifetimeHours: 0, secondFactor: "ALWAYS" },
      branding: { logoUrl: "http://plain.example", primaryColor: "red" },
      timeZone: "Mars/Olympus",
      holidays: [{ date: "2026-02-30", name: "None" }],
    };
    expect(await problemsOf(tenant, { patch: { branding: { name: "a\u0007b" }, holidays: [{ date: "2026-02-03", name: "\n" }] } })).toEqual(
      [
        "BAD_USER_INPUT",
        'input.patch.branding.name: "a\\u0007b" is not a valid single line.',
        'input.patch.holidays.0.name: "\\n" is not a valid single line.',
      ],
    );
    expect(await problemsOf(tenant, { patch: wrong })).toEqual([
      "BAD_USER_INPUT",
      'input.patch.lokale: The setting "lokale" does not exist here. Did you mean "locale"?',
      'input.patch.branding.logoUrl: "http://plain.example" is not a valid https url.',
      'input.patch.branding.primaryColor: "red" does not match ^#[0-9a-fA-F]{6}$.',
      'input.patch.security.passwordMinLenght: The setting "passwordMinLenght" does not exist here. Did you mean "passwordMinLength"?',
      "input.patch.security.sessionLifetimeHours: 0 is less than 1.",
      'input.patch.security.secondFactor: "ALWAYS" is not one of "OPTIONAL", "REQUIRED".',
      'input.patch.timeZone: "Mars/Olympus" is not a valid time zone.',
      'input.patch.holidays.0.date: "2026-02-30" is not a valid date.',
    ]);
    const hours = [
      { from: "10:00", to: "09:00" },
      { from: "08:00", to: "12:00" },
    ];
    expect(await problemsOf(tenant, { document: { workingHours: { monday: hours } } })).toEqual([
      "BAD_USER_INPUT",
      "input.document.workingHours.monday.0: 10:00 is not before 09:00. Split spans that cross midnight into two days.",
      "input.document.workingHours.monday.1: 08:00 is before the end of the previous span, 09:00.",
    ]);
    for (const input of [
      {},
      { patch: {}, document: {} },
      { patch: [] },
      { document: "text" },
      { unset: ["lokale"] },
      { patch: {}, message: " " },
    ])
      expect((await problemsOf(tenant, input))[0]).toBe("BAD_USER_INPUT");
  });

  it("with thousands of errors is answered with the first fifty, at once", async () => {
    const tenant = await kit.tenant();
    const unset = Array.from({ length: 1_000 }, (_, n) => `security.passwordMinLengtg${n}`);
    expect((await problemsOf(tenant, { unset })).length).toBe(51);
    const document = Object.fromEntries(unset.map((path) => [path.slice(9), 1]));
    expect((await problemsOf(tenant, { document })).length).toBe(51);
    expect(await problemsOf(tenant, { unset: [...unset, "timeZone"] })).toEqual([
      "BAD_USER_INPUT",
      "input.unset: The list has 1001 items. The maximum is 1000.",
    ]);
  });

  it("sets only what its level can set: limits and features belong to operators, and login security is not a team setting", async () => {
    const tenant = await kit.tenant();
    const teamId = await tenant.team("night");
    expect(
      await problemsOf(tenant, {
        patch: { limits: { users: null }, features: { everything: true }, retention: { archivedTenantDays: 1 } },
      }),
    ).toEqual([
      "BAD_USER_INPUT",
      ...["limits.users", "features.everything", "retention.archivedTenantDays"].map(
        (path) => `input.patch.${path}: This setting cannot be set at the level TENANT, only at PLATFORM, PLAN, CONTRACT.`,
      ),
    ]);
    expect((await problemsOf(tenant, { patch: { security: { passwordMinLength: 8 } }, teamId }))[1]).toContain("level TEAM");
    for (const level of ["PLATFORM", "PLAN", "CONTRACT"])
      expect((await problemsOf(tenant, { patch: { locale: "de" }, level }))[0]).toBe("BAD_USER_INPUT");
  });
});

describe("scopes", () => {
  it("TEAM covers the teams of the user, TENANT covers everything; another team is not found", async () => {
    const tenant = await kit.tenant();
    const [own, other] = [await tenant.team("own"), await tenant.team("other")];
    const writer = await personWith(tenant, "configuration.update", "TEAM", ["own"]);
    const change = (teamId?: string) => ({ input: { patch: { locale: "de" }, message: "Ours", teamId } });
    expect((await writer.send(update, change(own))).errors).toBeUndefined();
    expect(await writer.refusal(update, change(other))).toBe("NOT_FOUND");
    expect(await writer.refusal(update, change())).toBe("FORBIDDEN");
    const reader = await personWith(tenant, "configuration.read", "TEAM", ["own"]);
    expect(await reader.run("query ($teamId: ID) { configuration(teamId: $teamId) { document } }", { teamId: own })).toEqual({
      configuration: { document: { locale: "de" } },
    });
    expect(await reader.refusal("query ($teamId: ID) { configuration(teamId: $teamId) { version } }", { teamId: other })).toBe("NOT_FOUND");
    expect(await reader.refusal("{ configuration { version } }")).toBe("FORBIDDEN");
  });
});

describe("settings of security", () => {
  it("can only be changed in person, while API keys change all others", async () => {
    const tenant = await kit.tenant();
    const createKey = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }";
    const permissions = [{ permission: "configuration.update", scope: "TENANT" }];
    const { createApiKey } = await tenant.admin.run<{ createApiKey: { key: string } }>(createKey, { input: { name: "Key", permissions } });
    const key = new ApiClient(kit.url, createApiKey.key);
    const change = (document: object) => key.send(update, { input: { document, message: "By a program" } });
    await patch(tenant, { security: { secondFactor: "REQUIRED", passwordMinLength: 12 } });
    const security = { secondFactor: "REQUIRED", passwordMinLength: 12 };
    for (const weaker of [{}, { security: { secondFactor: "REQUIRED" } }, { security: { ...security, stepUpMinutes: 1440 } }])
      expect((await change(weaker)).errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    expect((await key.send(rollback, { input: { toVersion: 0, message: "By a program" } })).errors?.[0]?.extensions?.["code"]).toBe(
      "FORBIDDEN",
    );
    expect((await change({ security, locale: "de" })).errors).toBeUndefined();
    expect((await key.send(update, { input: { patch: { locale: "fr" }, message: "By a program" } })).errors).toBeUndefined();
  });
});

describe("configurationChanged", () => {
  it("notifies each viewer of the settings that they can see", { tags: "slow" }, async () => {
    const tenant = await kit.tenant();
    const requester = await tenant.user("requester");
    const query = "subscription { configurationChanged { level version changed team { key } } }";
    const all = await tenant.admin.subscribe<object>("configurationChanged", query);
    const some = await requester.subscribe<object>("configurationChanged", query);
    await patch(tenant, { security: { sessionIdleHours: 10 } });
    await patch(tenant, { locale: "de", security: { sessionIdleHours: 11 } });
    const second = { level: "TENANT", version: 2, changed: ["locale", "security.sessionIdleHours"], team: null };
    expect(await all.until((payloads) => payloads.length === 2)).toEqual([
      { level: "TENANT", version: 1, changed: ["security.sessionIdleHours"], team: null },
      second,
    ]);
    expect(await some.until((payloads) => payloads.length === 1)).toEqual([{ ...second, changed: ["locale"] }]);
    await Promise.all([all.stop(), some.stop()]);
  });
});

describe("another tenant", () => {
  it("has its own configuration, and its teams are not found", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const teamId = await ours.team("night");
    await patch(ours, { locale: "de" });
    expect((await entriesOf(theirs.admin)).get("locale")).toMatchObject({ value: "en", source: null });
    expect(await theirs.admin.refusal(effective, { teamId })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(update, { input: { patch: { locale: "fr" }, teamId, message: "Theirs" } })).toBe("NOT_FOUND");
  });
});
