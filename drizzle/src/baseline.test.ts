import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import { postgres } from "@weft/pg-driver";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { leaveAsBeforeBaseline, replacedMigrations } from "@weft/testkit/postgres/before-baseline";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { creates, migrationsWith } from "@weft/testkit/postgres/further-migrations";
import { baseline } from "./baseline.js";
import { seedFullTenant } from "./full-tenant.fixture.js";
import { type MigrateOptions, migrate } from "./migrate.js";
import { isDue } from "./repeatable/is-due.js";
import { shapeOf } from "./shape.fixture.js";

let database: TestDatabase;
let sql: postgres.Sql;
let directories: string[];

beforeEach(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  directories = [];
});

afterEach(async () => {
  for (const directory of directories) rmSync(directory, { recursive: true });
  await sql.end();
  await database.drop();
});

/** The numbered migrations after the baseline, in their order. */
const later = readdirSync(new URL("../migrations", import.meta.url))
  .map((file) => file.replace(/\.sql$/, ""))
  .filter((name) => name > baseline)
  .toSorted();

/** With migrations of its own, a run applies the functions that need none of the later ones. */
const run = (options: Partial<MigrateOptions> = {}) =>
  migrate({
    ownerUrl: database.ownerUrl,
    roles: testRoles,
    ...(options.migrations !== undefined && { repeatables: fitting() }),
    ...options,
  });

/** Returns a directory with the functions, triggers and policies that a database can have without the later migrations. */
function fitting(): string {
  const directory = temporary(mkdtempSync(join(tmpdir(), "weft-files-")));
  for (const kind of ["functions", "triggers", "policies"])
    cpSync(fileURLToPath(new URL(`../${kind}`, import.meta.url)), join(directory, kind), {
      recursive: true,
      filter: (path) => !path.endsWith(".sql") || !readFileSync(path, "utf8").includes("engine.change"),
    });
  return directory;
}

const ran = async (): Promise<string[]> =>
  (await sql<{ name: string }[]>`select name from app_migrations.schema_migrations order by run_on, id`).map(({ name }) => name);

/** Leaves the database as the baseline alone makes it, with its functions, triggers and policies. */
async function undoLater(): Promise<void> {
  if (later.length === 0) return;
  await run({ direction: "down", count: later.length });
  await run({ migrations: upToBaseline() });
}

/** Returns a directory with the migrations up to the baseline, and further ones. */
function upToBaseline(further: Parameters<typeof migrationsWith>[0] = {}): string {
  const directory = temporary(migrationsWith(further));
  for (const name of later) rmSync(join(directory, `${name}.sql`));
  return directory;
}

const temporary = (directory: string): string => {
  directories.push(directory);
  return directory;
};

/** What a migration could destroy: every table with its identity, and the number of its rows. */
async function contents(): Promise<unknown> {
  const tables = await sql<{ oid: number; name: string }[]>`
    select oid::int, oid::regclass::text as name from pg_class where relkind = 'r' and relnamespace in ('workflows'::regnamespace, 'requests'::regnamespace)
     order by oid`;
  const counted = [];
  for (const { oid, name } of tables) counted.push([oid, name, (await sql`select from ${sql(name)}`).count]);
  return counted;
}

test("a new database begins with the baseline", async () => {
  expect((await ran())[0]).toBe(baseline);
});

test("the baseline is not undone while there is a tenant, and functions stay as they are", async () => {
  const { tenant } = await seedFullTenant(sql, 1);
  await undoLater();
  const before = await shapeOf(sql);
  await expect(run({ direction: "down" })).rejects.toMatchObject({
    name: "MigrationRefused",
    message: expect.stringContaining("would drop all tables") as string,
  });
  expect(await shapeOf(sql)).toEqual(before);
  expect(await sql`select from identity.tenants where tenant_id = ${tenant}`).toHaveLength(1);
});

describe("a database with all migrations from before the baseline", () => {
  beforeEach(async () => {
    await seedFullTenant(sql, 1);
    await undoLater();
    await leaveAsBeforeBaseline(sql);
  });

  test(
    "keeps its tables and their rows, and records the baseline once, although several processes start at the same time",
    { tags: "slow" },
    async () => {
      const before = { shape: await shapeOf(sql), contents: await contents() };
      const migrations = upToBaseline();
      await Promise.all([run({ migrations }), run({ migrations }), run({ migrations })]);
      expect(await ran()).toEqual([...replacedMigrations, baseline]);
      expect({ shape: await shapeOf(sql), contents: await contents() }).toEqual(before);
      await run();
      expect(await ran()).toEqual([...replacedMigrations, baseline, ...later]);
    },
  );

  test("records the baseline after the others, even if the server's clock was ahead when they ran", async () => {
    await sql`update app_migrations.schema_migrations set run_on = now() + interval '14 hours'`;
    await run({ migrations: upToBaseline() });
    expect(await ran()).toEqual([...replacedMigrations, baseline]);
  });

  test("runs later migrations, and a later function belongs to them", { tags: "slow" }, async () => {
    const migrations = upToBaseline({ "0200_things": creates("things") });
    const repeatables = fitting();
    writeFileSync(
      join(repeatables, "functions/app/things.sql"),
      "create or replace function app.things() returns bigint language sql return (select count(*) from app.things);",
    );
    const before = { shape: await shapeOf(sql), contents: await contents() };
    await run({ migrations, repeatables });
    expect(await ran()).toEqual([...replacedMigrations, baseline, "0200_things"]);
    expect(await sql`select app.things() as things`).toEqual([{ things: "0" }]);
    // A start with nothing to do.
    const logged: string[] = [];
    await run({ migrations, repeatables, log: (line) => logged.push(line) });
    expect(logged).toEqual(["No migrations to run!"]);
    await run({ migrations, repeatables, direction: "down" });
    expect(await ran()).toEqual([...replacedMigrations, baseline]);
    expect({ shape: await shapeOf(sql), contents: await contents() }).toEqual(before);
  });

  test("loses no table when the baseline is undone, but is again as the earlier build left it", { tags: "slow" }, async () => {
    const before = { shape: await shapeOf(sql), contents: await contents() };
    const migrations = upToBaseline({ "0200_things": creates("things") });
    await run({ migrations });
    await run({ migrations, direction: "down", count: 1000 });
    expect(await ran()).toEqual(replacedMigrations);
    expect({ shape: await shapeOf(sql), contents: await contents() }).toEqual(before);
    expect(await sql`select from app_migrations.repeatable where level <> ${replacedMigrations.length}`).toHaveLength(0);
    await run();
    expect(await ran()).toEqual([...replacedMigrations, baseline, ...later]);
  });

  test("still starts with an earlier build: it runs no migration, and keeps the functions of the later one", async () => {
    await run();
    const earlier = temporary(mkdtempSync(join(tmpdir(), "weft-earlier-")));
    for (const name of replacedMigrations)
      writeFileSync(join(earlier, `${name}.sql`), "-- Up Migration\nselect 1 / 0;\n-- Down Migration\nselect 1 / 0;\n");
    const migrated = await runner({
      databaseUrl: { connectionString: database.ownerUrl, options: "-c role=weft_owner" },
      dir: earlier,
      direction: "up",
      migrationsSchema: "app_migrations",
      migrationsTable: "schema_migrations",
      verbose: false,
      log: () => undefined,
    });
    expect(migrated).toEqual([]);
    const logged: string[] = [];
    const due = await isDue(sql, {
      setHash: "of the earlier build",
      latest: replacedMigrations.length,
      logins: [testRoles.app.name],
      onLaterVersion: "apply",
      log: (line) => logged.push(line),
    });
    expect(due).toBeUndefined();
    expect(logged).toEqual([expect.stringContaining("numbered migrations of a later version of Weft") as string]);
  });
});

describe("is refused before anything is changed:", () => {
  async function refused(names: readonly string[]): Promise<string> {
    await leaveAsBeforeBaseline(sql, names);
    const roles = { ...testRoles, app: { name: `weft_refused_${process.pid}`, password: "none" } };
    const before = { shape: await shapeOf(sql), contents: await contents() };
    const messages: string[] = [];
    for (const direction of ["up", "down"] as const) {
      const migrating = run({ roles, direction });
      await expect(migrating).rejects.toMatchObject({ name: "MigrationRefused" });
      await migrating.catch((error: Error) => messages.push(error.message));
    }
    expect(await ran()).toEqual(names);
    expect({ shape: await shapeOf(sql), contents: await contents() }).toEqual(before);
    expect(await sql`select from pg_roles where rolname = ${roles.app.name}`).toHaveLength(0);
    const [message = ""] = new Set(messages);
    return message;
  }

  test.each([1, 36, 198])("a database with only the first %i migrations from before the baseline", async (count) => {
    const message = await refused(replacedMigrations.slice(0, count));
    expect(message).toContain(`The last migration of this database is ${replacedMigrations[count - 1]}.`);
    expect(message).toContain("all migrations up to 0199_cancelled_runs");
    expect(message).toContain("docs/how-to/upgrade.md");
  });

  test("a database that has run another migration in place of one of them", async () => {
    expect(await refused(replacedMigrations.with(150, "0151_of_a_fork"))).toContain("all migrations up to 0199_cancelled_runs");
  });

  test("a database with a migration after the baseline that this version does not have, before one that it has", async () => {
    expect(await refused([...replacedMigrations, "0200_of_a_fork"])).toBe(
      `The migration 0200_of_a_fork has run, but not ${baseline}, which precedes it. Nothing was changed.`,
    );
  });
});
