import { demoLogins, demoPassword } from "@weft/shared/demo";
import { ApiClient, startTestWeft, type TestWeft, TestUser } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { templates } from "../examples.js";
import { seedDemo } from "./seed.js";

/** Those of the table, and the platform operator who has agreed on the limits. */
const usersOfAcme = demoLogins.filter(({ tenantSlug }) => tenantSlug === "acme").length + 1;
let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It seeds the tenants of the demo." });
});
afterAll(() => weft.stop());

test("every demo login works, in the tenant and with the roles from the table", async () => {
  await seedDemo(weft.weft.services, new ApiClient(weft.url));
  for (const { email, password, tenantSlug, name, roles } of demoLogins) {
    const user = await TestUser.login(weft.url, email, password);
    const { tenant, me } = await user.run<{ tenant: { slug: string }; me: { name: string; roles: { key: string }[] } }>(
      "{ tenant { slug } me { name roles { key } } }",
    );
    expect({ email, tenant: tenant.slug, name: me.name, roles: me.roles.map(({ key }) => key).toSorted() }).toEqual({
      email,
      tenant: tenantSlug,
      name,
      roles: roles.toSorted(),
    });
  }
}, 180_000);

test("a start that ended during the history is replaced by the next one, without doubling anything", async () => {
  const { services } = weft.weft;
  const api = new ApiClient(weft.url);
  const sql = postgres(services.config.database.ownerUrl ?? "", { max: 1, onnotice: () => undefined });
  const acme = async () => (await sql`select tenant_id, is_sandbox, clock_offset_ms from identity.tenants where slug = 'acme'`)[0];
  try {
    await sql`update identity.tenants set is_sandbox = true, clock_offset_ms = -86400000 where slug = 'acme'`;
    const unfinished = await acme();
    const olga = await TestUser.login(weft.url, "operations@acme.com", demoPassword("operations@acme.com"));
    await olga.run("mutation C($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }", {
      input: { typeKey: "maintenance", data: { summary: "Half of the history", estimate: 100 } },
    });
    await seedDemo(services, api);
    const replaced = await acme();
    expect(replaced).toMatchObject({ is_sandbox: false, clock_offset_ms: "0" });
    expect(replaced?.["tenant_id"]).not.toBe(unfinished?.["tenant_id"]);
    const admin = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
    expect(await admin.run("{ requests { totalCount } users { totalCount } projects { totalCount } }")).toEqual({
      requests: { totalCount: 0 },
      users: { totalCount: usersOfAcme },
      projects: { totalCount: 1 },
    });
    await seedDemo(services, api);
    expect(await acme()).toEqual(replaced);
  } finally {
    await sql.end();
  }
}, 180_000);

test("the demo organizations have limits, its developers manage agents, its operators see them, and Oscar starts workflows", async () => {
  const as = (login: string) => TestUser.login(weft.url, login, demoPassword(login));
  const admin = await as("admin@acme.com");
  const { tenant } = await admin.run<{ tenant: { usage: { limit: string; allowed: number | null }[] } }>(
    "{ tenant { usage { limit allowed } } }",
  );
  expect(Object.fromEntries(tenant.usage.map(({ limit, allowed }) => [limit, allowed]))).toMatchObject({
    users: 100,
    definitions: 200,
    executionsPerMonth: 10_000,
  });
  const provider = 'mutation { deleteModelProvider(input: { id: "mdp_00000000000000000000000000" }) { id } }';
  const start = 'mutation { startWorkflow(input: { definitionKey: "none" }) { instance { id } } }';
  for (const login of ["developer@acme.com", "operator@acme.com"])
    expect(await (await as(login)).run("{ agents { key } }")).toHaveProperty("agents");
  expect(await (await as("developer@acme.com")).refusal(provider)).toBe("NOT_FOUND");
  expect(await (await as("operator@acme.com")).refusal(provider)).toBe("FORBIDDEN");
  expect(await (await as("ops@acme.com")).refusal(start)).toBe("BAD_USER_INPUT");
  expect(await (await as("operations@acme.com")).refusal(start)).toBe("FORBIDDEN");
});

test("the automations of a demo organization can run programs", async () => {
  for (const login of ["admin@acme.com", "admin@globex.com"]) {
    const admin = await TestUser.login(weft.url, login, demoPassword(login));
    expect(await admin.run("{ effectiveConfiguration { value } }")).toMatchObject({
      effectiveConfiguration: { value: { automation: { securityProfile: "elevated" } } },
    });
  }
});

test("a second start keeps the changes of the demo's users, even if the administrator has been renamed", async () => {
  await seedDemo(weft.weft.services, new ApiClient(weft.url));
  const admin = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
  await admin.run("mutation U($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
    input: { id: admin.id, email: "ada@acme.com", username: "ada" },
  });
  const oskar = await TestUser.login(weft.url, "operator@weft.example", "operator123");
  const { tenants } = await oskar.run<{ tenants: { totalCount: number } }>("{ tenants { totalCount } }");
  expect(tenants.totalCount).toBe(3);
  const paula = await TestUser.login(weft.url, "admin@weft.example", "admin123");
  await paula.run("mutation U($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
    input: { id: oskar.id, email: "otto@weft.example", username: "otto" },
  });
  await seedDemo(weft.weft.services, new ApiClient(weft.url));
  expect(await paula.run("{ users { totalCount } }")).toEqual({ users: { totalCount: 2 } });
  const { users } = await admin.run<{ users: { totalCount: number } }>("{ users { totalCount } }");
  expect(users.totalCount).toBe(usersOfAcme);
  const published = "{ definitions(first: 50, filter: { status: { eq: PUBLISHED } }) { edges { node { key } } } }";
  const { definitions } = await admin.run<{ definitions: { edges: { node: { key: string } }[] } }>(published);
  expect(definitions.edges.map(({ node }) => node.key).toSorted()).toEqual(templates.toSorted());
}, 180_000);
