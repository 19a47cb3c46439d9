import { createTenantWithBuiltInRoles } from "@weft/identity";
import { closeServices, openServices } from "@weft/api/subgraph";
import { TestTenant } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { afterAll, beforeAll, expect, test } from "vitest";

// FEATURES T6: a tenant that floods the system delays only itself.

const loops = 300;
const rounds = 40;
const operations = {
  reads: "{ users(first: 50) { totalCount edges { node { name roles { key } } } } definitions(first: 20) { edges { node { id key } } } }",
  "single reads": "{ me { id name } }",
};

let database: OwnPostgres;
let weft: StandaloneProcess;
let loud: TestTenant;
let neighbor: TestTenant;

beforeAll(async () => {
  database = await startSeededPostgres();
  const ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl, LOG_LEVEL: "error" } });
  await weft.start();
  const services = await openServices({ ...weft.env, DATABASE_POOL_SIZE: "4" });
  const tenant = async (slug: string): Promise<TestTenant> => {
    const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: "Admin", password: "a quiet river 42" };
    const { tenantId } = await createTenantWithBuiltInRoles(services, { slug, name: slug, plan: "ENTERPRISE", admin });
    return TestTenant.open({ url: weft.url, tenantId, slug, name: slug, admin });
  };
  try {
    [loud, neighbor] = [await tenant("loud"), await tenant("neighbor")];
  } finally {
    await closeServices(services);
  }
}, 120_000);
afterAll(async () => {
  await weft.remove();
  await database.remove();
}, 120_000);

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function timed(tenant: TestTenant, query: string): Promise<{ ms: number; code: unknown }> {
  const started = performance.now();
  const { errors } = await tenant.admin.send(query);
  return { ms: performance.now() - started, code: errors?.[0]?.extensions?.code };
}

test.each(Object.entries(operations))(
  "a flood of %s makes its own tenant wait, and other tenants only a little",
  { timeout: 120_000 },
  async (_what, query) => {
    const quiet: number[] = [];
    for (let round = 0; round < rounds; round++) quiet.push((await timed(neighbor, query)).ms);
    let isFlooding = true;
    const ofLoud: number[] = [];
    const flood = Array.from({ length: loops }, async () => {
      while (isFlooding) {
        const { ms, code } = await timed(loud, query);
        if (code === undefined) ofLoud.push(ms);
        else expect(code).toBe("RATE_LIMITED");
      }
    });
    const beside: number[] = [];
    const codes: unknown[] = [];
    for (let round = 0; round < rounds; round++) {
      const { ms, code } = await timed(neighbor, query);
      beside.push(ms);
      codes.push(code);
    }
    isFlooding = false;
    await Promise.all(flood);
    const [alone, disturbed, own] = [median(quiet), median(beside), median(ofLoud)];
    process.stdout.write(
      `flood of ${loops} loops: neighbor ${alone.toFixed(1)} ms alone, ${disturbed.toFixed(1)} ms beside it; the loud one ${own.toFixed(1)} ms (${ofLoud.length} answers)\n`,
    );
    expect(codes.filter((code) => code !== undefined)).toEqual([]);
    // With one queue for all, both would wait equally long.
    expect(disturbed).toBeLessThan(own / 3);
  },
);
