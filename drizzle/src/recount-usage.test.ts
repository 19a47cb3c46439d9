import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { seedFullTenant } from "./full-tenant.fixture.js";

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

test("recounting counts, tenant by tenant, the objects that exist", async () => {
  const tenants = [await seedFullTenant(sql, 1), await seedFullTenant(sql, 2)];
  await sql`update identity.users set status = 'DISABLED' where id = ${tenants[1]?.vendorUser ?? ""}`;
  await sql`update workflows.instances set status = 'COMPLETED', finished_at = now() where id = ${tenants[1]?.given.instance ?? ""}`;
  await sql`update workflows.instances set created_at = now() - interval '40 days' where id = ${tenants[1]?.hidden.instance ?? ""}`;
  for (const { tenant } of tenants)
    await sql.begin(async (tx) => {
      await tx`select set_config('role', ${testRoles.app.name}, true), set_config('app.tenant_id', ${tenant}, true)`;
      await tx`select app.recount_usage()`;
    });
  const rows = await sql<{ tenant_id: string; metric: string; used: number }[]>`
    select tenant_id, metric, sum(used)::int as used from app.usage group by 1, 2 order by 1, 2`;
  const usageOf = (tenant: string) =>
    Object.fromEntries(rows.filter((row) => row.tenant_id === tenant).map((row) => [row.metric, row.used]));
  const counted = { storageBytes: 2, users: 3, definitions: 2, runningInstances: 4, executionsPerHour: 4, executionsPerMonth: 4 };
  expect(tenants.map(({ tenant }) => usageOf(tenant))).toEqual([
    counted,
    { ...counted, users: 2, runningInstances: 3, executionsPerHour: 3, executionsPerMonth: 3 },
  ]);
});
