import { demoLogins, demoPassword } from "@weft/shared";
import { ApiClient, startTestWeft, type TestWeft, TestUser } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { templates } from "../examples.js";
import { seedDemo } from "./seed.js";

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft();
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
  expect(users.totalCount).toBe(16);
  const published = "{ definitions(first: 50, filter: { status: { eq: PUBLISHED } }) { edges { node { key } } } }";
  const { definitions } = await admin.run<{ definitions: { edges: { node: { key: string } }[] } }>(published);
  expect(definitions.edges.map(({ node }) => node.key).toSorted()).toEqual(templates.toSorted());
}, 60_000);
