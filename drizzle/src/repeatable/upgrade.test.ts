import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import postgres from "postgres";
import { expect, test } from "vitest";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { seedFullTenant } from "../full-tenant.fixture.js";
import { migrate } from "../migrate.js";
import { shapeOf } from "../shape.fixture.js";

const migrations = fileURLToPath(new URL("../../migrations", import.meta.url));

/** The last numbered migration before functions, triggers and policies had files. */
const lastBefore = 36;

test("upgrading a database from before the files were introduced, with data in it, produces the same catalog as a new one", async () => {
  const database = await cloneDatabase();
  const sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  const expected = await shapeOf(sql);
  await seedFullTenant(sql, 1);
  const [tasks] = await sql<{ count: number }[]>`select count(*)::int as count from workflows.tasks`;
  const numbered = readdirSync(migrations).length;
  await migrate({ ownerUrl: database.ownerUrl, roles: testRoles, direction: "down", count: numbered - lastBefore + 1 });
  // Migrated as by an earlier version: only the numbered migrations.
  await sql`drop table app_migrations.repeatable`;
  await runner({
    databaseUrl: { connectionString: database.ownerUrl, options: "-c role=weft_owner" },
    dir: migrations,
    direction: "up",
    count: 1,
    migrationsSchema: "app_migrations",
    migrationsTable: "schema_migrations",
    verbose: false,
    log: () => undefined,
  });
  await migrate({ ownerUrl: database.ownerUrl, roles: testRoles });
  expect(await shapeOf(sql)).toEqual(expected);
  expect(tasks?.count).toBeGreaterThan(0);
  expect(await sql`select count(*)::int as count from workflows.tasks`).toEqual([tasks]);
  await sql.end();
  await database.drop();
});
