import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { seedFullTenant } from "./full-tenant.fixture.js";
import { migrate } from "./migrate.js";

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

/** Undoes the migrations from the one with this number on, and applies them again. */
async function upgradeFrom(number: string): Promise<void> {
  const [later] = await sql<
    { count: number }[]
  >`select count(*)::int as count from app_migrations.schema_migrations where name >= ${number}`;
  for (const direction of ["down", "up"] as const)
    await migrate({ ownerUrl: database.ownerUrl, roles: testRoles, direction, count: later?.count ?? 0 });
}

test("tasks that were overdue before deadlines were watched cause no notification, and those that pass later do", async () => {
  const { given, hidden } = await seedFullTenant(sql, 1);
  await sql`update workflows.tasks set status = 'OPEN', due_at = now() - interval '3 days' where id = ${given.task}`;
  await sql`update workflows.tasks set status = 'OPEN', due_at = now() + interval '1 hour' where id = ${hidden.task}`;
  await upgradeFrom("0041");
  const unnoticed = (): Promise<{ id: string }[]> =>
    sql<{ id: string }[]>`select id from workflows.tasks where due_at is not null and overdue_at is null and not is_due_held`;
  expect(await unnoticed()).toEqual([{ id: hidden.task }]);
  const [marked] = await sql`select overdue_at = due_at as "isMarked" from workflows.tasks where id = ${given.task}`;
  expect(marked).toEqual({ isMarked: true });
  // A deadline that passes while a system with `0041` is being upgraded is still noticed.
  await sql`update app_migrations.schema_migrations set run_on = run_on - interval '1 hour'`;
  await sql`update workflows.tasks set due_at = now() - interval '1 minute' where id = ${hidden.task}`;
  await upgradeFrom("0047");
  expect(await unnoticed()).toEqual([{ id: hidden.task }]);
});
