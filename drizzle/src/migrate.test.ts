import { rmSync } from "node:fs";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { databaseUrl, testRoles } from "@weft/testkit/postgres/database-urls";
import { creates, migrationsWith } from "@weft/testkit/postgres/further-migrations";
import { sized } from "@weft/testkit/sizes";
import { baseline } from "./baseline.js";
import { weftSchemas } from "./catalog.js";
import { migrate, migrationNames } from "./migrate.js";
import { shapeOf } from "./shape.fixture.js";

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

const step = (direction: "up" | "down", count?: number) =>
  migrate({ ownerUrl: database.ownerUrl, roles: testRoles, direction, ...(count === undefined ? {} : { count }) });

const numbers = migrationNames().map((name) => Number(name.slice(0, 4)));

test("each migration has a unique number, without a gap since the baseline", () => {
  const first = Number(baseline.slice(0, 4));
  expect(numbers).toEqual(numbers.map((_, index) => first + index));
});

describe("undone and applied again", () => {
  let before: unknown;
  beforeAll(async () => {
    before = await shapeOf(sql);
  });

  test("the migrations can be undone completely", async () => {
    await step("down", numbers.length);
    const [left] = await sql`select count(*)::int as schemas from pg_namespace where nspname in ${sql(weftSchemas)}`;
    expect(left).toEqual({ schemas: 0 });
  });

  test("a migration that fails halfway keeps the earlier ones", async () => {
    const broken = { up: "create table app.second (id integer); create schema taken;", down: "drop schema taken; drop table app.second;" };
    const migrations = migrationsWith({ "9998_first": creates("first"), "9999_second": broken });
    await sql`create schema taken`;
    const migrating = () => migrate({ ownerUrl: database.ownerUrl, roles: testRoles, migrations });
    await expect(migrating()).rejects.toThrow("taken");
    const ran = await sql<{ name: string }[]>`select name from app_migrations.schema_migrations order by id`;
    expect(ran.map((row) => row.name)).toEqual([...migrationNames(), "9998_first"]);
    expect(await sql`select to_regclass('app.second') as second`).toEqual([{ second: null }]);
    await sql`drop schema taken`;
    await migrating();
    await migrate({ ownerUrl: database.ownerUrl, roles: testRoles, migrations, direction: "down", count: numbers.length + 2 });
    rmSync(migrations, { recursive: true });
  });

  test("three concurrent migrating processes start from nothing, with the same result as one", { timeout: 180_000 }, async () => {
    await Promise.all([step("up"), step("up"), step("up")]);
    expect(await shapeOf(sql)).toEqual(before);
  });
});

test(
  "each migration can be undone and applied individually, and applying it restores the state before the undo",
  // A few steps for each migration: without the older ones, which no longer change, it takes a tenth of the time.
  { timeout: 600_000 },
  async () => {
    const shapes = [await shapeOf(sql)];
    const undone = Math.min(numbers.length, sized({ sample: 3, part: 20, whole: numbers.length }));
    for (let depth = 1; depth <= undone; depth++) {
      await step("down", 1);
      shapes.push(await shapeOf(sql));
    }
    const oldest = shapes.pop();
    if (undone === numbers.length) expect(oldest).toEqual([]);
    while (shapes.length > 0) {
      await step("up", 1);
      expect(await shapeOf(sql)).toEqual(shapes.pop());
    }
  },
);

test("restores privileges that were granted or revoked manually", async () => {
  const before = await shapeOf(sql);
  await sql`grant delete, update on audit.entries to ${sql(testRoles.app.name)}`;
  await sql`revoke select on workflows.tasks from ${sql(testRoles.app.name)}`;
  await sql`grant select (name) on identity.tenants to ${sql(testRoles.worker.name)}`;
  await step("up");
  expect(await shapeOf(sql)).toEqual(before);
});

test("a backfill by the owner changes no row until it lifts forced row-level security", async () => {
  const tenantId = "01890000-0000-7000-8000-000000000001";
  await sql`insert into identity.tenants (tenant_id, slug, name) values (${tenantId}, 'backfill', 'Old')`;
  const [table] = await sql<
    { owner: string }[]
  >`select tableowner as owner from pg_tables where schemaname = 'identity' and tablename = 'tenants'`;
  const backfill = (around: { before: string; after: string }) =>
    sql.begin(async (tx) => {
      await tx`set local role ${tx(table?.owner ?? "")}`;
      await tx.unsafe(around.before);
      const { count } = await tx`update identity.tenants set name = 'New' where slug = 'backfill'`;
      await tx.unsafe(around.after);
      return count;
    });
  expect(await backfill({ before: "", after: "" })).toBe(0);
  const lifted = {
    before: "alter table identity.tenants no force row level security",
    after: "alter table identity.tenants force row level security",
  };
  expect(await backfill(lifted)).toBe(1);
});

test("an owner that is not a superuser can migrate too, and is told which role is missing if it cannot create one", async () => {
  const suffix = `${process.pid}`;
  const owner = { name: `weft_owner_${suffix}`, password: "owner" };
  const own = { app: `weft_a_${suffix}`, worker: `weft_w_${suffix}`, auth: `weft_u_${suffix}` };
  const roles = {
    app: { name: own.app, password: "a" },
    worker: { name: own.worker, password: "w" },
    auth: { name: own.auth, password: "u" },
  };
  const name = `${database.name}_owned`;
  await sql.unsafe(`create role ${owner.name} login createrole password '${owner.password}'`);
  await sql.unsafe(`create database ${name} owner ${owner.name}`);
  try {
    const ownerUrl = databaseUrl(database.ownerUrl, name, owner);
    await migrate({ ownerUrl, roles });
    const asApp = postgres(databaseUrl(ownerUrl, name, roles.app), { max: 1 });
    expect(await asApp`select id from workflows.instances`).toHaveLength(0);
    await asApp.end();
    await sql.unsafe(`alter role ${owner.name} nocreaterole`);
    await migrate({ ownerUrl, roles });
    await expect(migrate({ ownerUrl, roles: { ...roles, app: { name: "weft_missing", password: "a" } } })).rejects.toThrow(
      "create role weft_missing login",
    );
  } finally {
    await sql.unsafe(`drop database ${name} with (force)`);
    for (const role of [`${own.worker}_purge`, ...Object.values(own), owner.name]) await sql.unsafe(`drop role if exists ${role}`);
  }
});
