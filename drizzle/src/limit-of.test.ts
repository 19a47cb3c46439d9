import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";

let database: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(database.appUrl, { max: 1 });
});

afterAll(async () => {
  await Promise.all([owner.end(), app.end()]);
  await database.drop();
});

const tenant = "01890001-0000-7000-8000-000000000001";
const vendor = "01890001-0000-7000-8000-000000000002";

const limitOf = (metric: string, context = `set local app.tenant_id = '${tenant}'`) =>
  app.begin(async (tx) => {
    await tx.unsafe(context);
    const [row] = await tx<{ limit: string | null }[]>`select app.limit_of(${metric}) as limit`;
    return row?.limit;
  });

const contract = (version: number, limits: object) =>
  owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    values (${tenant}, 'CONTRACT', ${tenant}, ${version}, ${owner.json({ limits } as never)}, ${tenant}, 'm')`;

test("a limit comes from the contract, otherwise from the plan, otherwise from the platform, and null means unlimited", async () => {
  await owner`insert into identity.tenants (tenant_id, slug, name, plan) values (${tenant}, 'limits', 'T', 'FREE')`;
  expect(await limitOf("users")).toBe("25");
  await owner`update identity.tenants set plan = 'ENTERPRISE' where tenant_id = ${tenant}`;
  expect(await limitOf("users")).toBeNull();
  await contract(1, { users: 3, runningInstances: null });
  expect(await limitOf("users")).toBe("3");
  expect(await limitOf("users", `set local app.tenant_id = '${tenant}'; set local app.vendor_id = '${vendor}'`)).toBe("3");
  await owner`update identity.tenants set plan = 'FREE' where tenant_id = ${tenant}`;
  expect(await limitOf("runningInstances")).toBeNull();
  expect(await limitOf("definitions")).toBe("20");
  await contract(2, {});
  expect(await limitOf("users")).toBe("25");
  await owner`insert into app.shared_configurations (level, key, version, document, message) values
    ('PLAN', 'FREE', 2, '{}', 'm'), ('PLATFORM', '', 2, '{"limits": {"users": 7}}', 'm')`;
  expect(await limitOf("users")).toBe("7");
  expect(await limitOf("definitions")).toBeNull();
});

test("a metric that does not exist is refused instead of treated as unlimited", async () => {
  await expect(limitOf("user")).rejects.toMatchObject({ code: "WF003" });
});

test("everyone can read what all tenants inherit, only the platform's tenant can add to it, and nobody can change it", async () => {
  const platform = "01890001-0000-7000-8000-000000000009";
  await owner`insert into identity.tenants (tenant_id, slug, name, kind) values (${platform}, 'platform', 'P', 'PLATFORM')`;
  const add = (tenantId: string) =>
    app.begin(async (tx) => {
      await tx.unsafe(`set local app.tenant_id = '${tenantId}'`);
      await tx`insert into app.shared_configurations (level, key, version, document, message) values ('PLAN', 'PRO', 2, '{}', 'm')`;
    });
  await expect(add(tenant)).rejects.toThrow("row-level security");
  await expect(add("")).rejects.toThrow("row-level security");
  await add(platform);
  expect(await app`select version from app.shared_configurations where key = 'PRO' order by version`).toHaveLength(2);
  for (const statement of ["update app.shared_configurations set document = '{}'", "delete from app.shared_configurations"])
    await expect(app.unsafe(statement)).rejects.toThrow("permission denied");
});
