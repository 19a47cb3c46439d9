import { createTenantWithBuiltInRoles } from "@weft/identity";
import { closeServices, openServices } from "@weft/api/subgraph";
import { ApiClient, TestTenant } from "@weft/testkit";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { fastestReach, printReach } from "@weft/testkit/reach";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// The user who changes rights uses gateway a, which forwards to identity. The affected user queries and listens at both gateways.

let installation: Installation;

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  installation = await startInstallation({ gateways: 2 });
}, 300_000);

afterAll(async () => installation?.stop(), 120_000);

const gateways = (): string[] => installation.gateways.map(({ url }) => url);

async function newTenant(slug: string): Promise<TestTenant> {
  const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: "Admin", password: "a quiet river 42" };
  const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "1" });
  try {
    const { tenantId } = await createTenantWithBuiltInRoles(services, { slug, name: slug, plan: "ENTERPRISE", admin });
    return await TestTenant.open({ url: gateways()[0] ?? "", tenantId, slug, name: slug, admin });
  } finally {
    await closeServices(services);
  }
}

test.each([
  { how: "through Redis", slug: "acme", isLive: true },
  { how: "without Redis, which only makes it faster", slug: "globex", isLive: false },
])(
  "revoked rights take effect at two gateways in less than a second $how, for the next request and for open sockets",
  async ({ slug, isLive }) => {
    if (!isLive) await installation.redis.kill();
    try {
      let turn = 0;
      const reached = await fastestReach(() => newTenant(`${slug}-${++turn}`), gateways(), { isLive });
      console.log(printReach(reached));
      expect(reached.filter(({ refusedAfterMs, closedAfterMs }) => refusedAfterMs >= 1_000 || closedAfterMs >= 1_000)).toEqual([]);
    } finally {
      if (!isLive) await installation.redis.start();
    }
  },
);

test("login returns its user as the new session sees it there and at another gateway, across subgraphs", async () => {
  const tenant = await newTenant("initech");
  const [here = "", there = ""] = gateways();
  const fields =
    "id roles { key } teams { key } tenant { slug } effectivePermissions { permission } auditTrail(first: 2) { edges { node { action } } }";
  const { login, password } = await tenant.user("requester");
  const { data, errors } = await new ApiClient(here).send(
    `mutation ($input: LoginInput!) { login(input: $input) { accessToken user { ${fields} } } }`,
    { input: { login, password, tenant: tenant.slug } },
  );
  // This user cannot see any of the audit trail, here as everywhere.
  expect(errors).toMatchObject([{ path: ["login", "user", "auditTrail"], extensions: { code: "FORBIDDEN" } }]);
  const { accessToken, user } = (data as { login: { accessToken: string; user: object } }).login;
  expect(user).toMatchObject({ roles: [{ key: "requester" }], tenant: { slug: tenant.slug }, auditTrail: null });
  for (const url of [here, there]) expect((await new ApiClient(url, accessToken).send(`{ me { ${fields} } }`)).data).toEqual({ me: user });
});
