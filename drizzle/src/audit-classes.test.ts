import { readFileSync } from "node:fs";
import { postgres } from "@weft/pg-driver";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedFullTenant } from "./full-tenant.fixture.js";

let database: TestDatabase;
let sql: postgres.Sql;
const [, down = ""] = readFileSync(new URL("../migrations/0212_audit_classes.sql", import.meta.url), "utf8").split("-- Down Migration");

beforeAll(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** As in an installation, where the owner is no superuser and sees what the policies let it see. Nothing of it remains. */
const undone = async (): Promise<string> => {
  const [table] = await sql<
    { owner: string }[]
  >`select tableowner as owner from pg_tables where schemaname = 'audit' and tablename = 'entries'`;
  const rolledBack = new Error("undone");
  const undo = sql.begin(async (tx) => {
    await tx`set local role ${tx(table?.owner ?? "")}`;
    await tx.unsafe(down);
    throw rolledBack;
  });
  return undo.then(
    () => "",
    (error: unknown) => (error instanceof Error ? error.message : ""),
  );
};

test("the columns that hashes cover cannot be removed once an entry of any tenant has values in them", async () => {
  const [, globex] = [await seedFullTenant(sql, 1), await seedFullTenant(sql, 2)];
  expect(await undone()).toBe("undone");
  await sql`insert into audit.entries (tenant_id, id, action, entity_type, entity_id, actor_id, request_id, class, outcome)
    select tenant_id, gen_random_uuid(), 'api.refuse', 'tenant', tenant_id, ${globex.staff}, 'r', 'FORBIDDEN', 'REFUSED'
      from identity.tenants where tenant_id = ${globex.tenant}`;
  expect(await undone()).toContain(`The audit trail of the tenant ${globex.tenant} has entries`);
});
