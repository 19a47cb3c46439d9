import { migrationNames } from "@weft/drizzle";
import { leaveAsBeforeBaseline, replacedMigrations } from "@weft/testkit/postgres/before-baseline";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { postgres } from "@weft/pg-driver";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDatabase } from "./checks.js";

let database: TestDatabase;
let sql: postgres.Sql;

beforeEach(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
});

afterEach(async () => {
  await sql.end();
  await database.drop();
});

const migrations = async () => (await checkDatabase(database.ownerUrl)).find(({ name }) => name === "migrations")?.found;

test("a database from before the baseline is healthy once the baseline is recorded", async () => {
  await leaveAsBeforeBaseline(sql);
  expect(await migrations()).toMatchObject({
    status: "failure",
    message: expect.stringContaining(`the first is ${migrationNames()[0]}`) as string,
  });
  await sql`insert into app_migrations.schema_migrations (name, run_on) select name, now() from unnest(${migrationNames()}::text[]) as name`;
  expect(await migrations()).toMatchObject({ status: "ok" });
});

test("a database that lacks migrations from before the baseline needs an earlier build first", async () => {
  await leaveAsBeforeBaseline(sql, replacedMigrations.slice(0, 160));
  expect(await migrations()).toMatchObject({
    status: "failure",
    message: expect.stringContaining(`The last migration of this database is ${replacedMigrations[159]}.`) as string,
    advice: "See docs/how-to/upgrade.md.",
  });
});

test("a migration of a later version is a warning", async () => {
  await sql`insert into app_migrations.schema_migrations (name, run_on) values ('9999_later', now())`;
  expect(await migrations()).toMatchObject({ status: "warning", message: "The database has 1 migrations of a later version." });
});
