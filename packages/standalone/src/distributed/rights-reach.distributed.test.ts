import { createTenantWithShippedRoles } from "@weft/identity";
import { closeServices, openServices } from "@weft/shared";
import { TestTenant } from "@weft/testkit";
import { type Installation, startInstallation } from "@weft/testkit/installation";
import { fastestReach, printReach } from "@weft/testkit/reach";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// Whoever changes rights speaks with gateway a, which hands on to identity; whom it concerns asks and listens at both.

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
    const { tenantId } = await createTenantWithShippedRoles(services, { slug, name: slug, plan: "ENTERPRISE", admin });
    return await TestTenant.open({ url: gateways()[0] ?? "", tenantId, slug, name: slug, admin });
  } finally {
    await closeServices(services);
  }
}

test.each([
  { how: "through Redis", slug: "acme", isLive: true },
  { how: "without Redis, which only hastens it", slug: "globex", isLive: false },
])(
  "rights that end are out at two gateways in less than a second $how, for the next request and for open sockets",
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
