import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { pgSchema, timestamp, uuid } from "drizzle-orm/pg-core";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import type { Databases } from "./database.js";
import { dueInTrueTime } from "./due-in-true-time.js";
import { dueRows, type DueTenants } from "./due-tenants.js";
import { openDatabases } from "./open.js";

const jobs = pgSchema("app").table("due_jobs", {
  tenantId: uuid("tenant_id").notNull(),
  id: uuid("id").notNull(),
  dueAt: timestamp("due_at", { withTimezone: true, mode: "string" }),
});

let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  databases = await openDatabases({ ...database, pools: { app: 1 } });
  await owner`create table app.due_jobs (tenant_id uuid not null, id uuid not null, due_at timestamptz)`;
  await owner`create index on app.due_jobs (due_at, tenant_id) where due_at is not null`;
  await owner`create index on app.due_jobs (tenant_id, due_at, id) where due_at is not null`;
  await owner`grant select on app.due_jobs to weft_worker`;
});

beforeEach(async () => {
  await owner`truncate app.due_jobs`;
});

afterAll(async () => {
  await databases.close();
  await owner.end();
  await database.drop();
});

/** Creates a tenant with jobs that have been due for so many minutes, or are due in the future. */
async function aTenant(dueForMinutes: readonly (number | null)[], { status = "ACTIVE", aheadMinutes = 0 } = {}): Promise<string> {
  const id = newId();
  await owner`insert into identity.tenants (tenant_id, slug, name, status, is_sandbox, clock_offset_ms)
    values (${id}, ${`t-${id}`}, 'T', ${status}, ${aheadMinutes > 0}, ${aheadMinutes * 60_000})`;
  for (const minutes of dueForMinutes)
    await owner`insert into app.due_jobs values (${id}, gen_random_uuid(), now() - ${minutes}::float8 * interval '1 minute')`;
  return id;
}

const found = (limit = 10): Promise<DueTenants> =>
  databases.worker.begin((tx) => dueRows({ name: "DueJobs", dueAt: jobs.dueAt }).find(tx, limit));

test("tenants are found by how long their rows have been due, with the time of the next row", async () => {
  const late = await aTenant([1, null]);
  const later = await aTenant([5, -60]);
  await aTenant([-30]);
  await aTenant([20], { status: "SUSPENDED" });
  const ahead = await aTenant([-50], { aheadMinutes: 53 });
  const { tenants, next } = await found();
  expect(tenants).toEqual([later, ahead, late]);
  expect((Date.parse(next ?? "") - Date.now()) / 60_000).toBeCloseTo(30, 0);
  expect((await found(1)).tenants).toEqual([later]);
});

test("a tenant with thousands of due rows does not hide another one", async () => {
  const busy = await aTenant([]);
  await owner`insert into app.due_jobs select ${busy}, gen_random_uuid(), now() - interval '1 hour' from generate_series(1, 3000)`;
  const quiet = await aTenant([1, 2]);
  const next = await aTenant([-1]);
  expect((await found()).tenants).toEqual([busy, quiet]);
  expect((await found()).tenants).not.toContain(next);
});

test("rows that are due in true time are found whatever the clock of a sandbox says, but not those of a suspended tenant", async () => {
  const late = await aTenant([1, null]);
  const later = await aTenant([5, -60]);
  await aTenant([20], { status: "SUSPENDED" });
  await aTenant([-50], { aheadMinutes: 53 });
  const rows = dueInTrueTime({ name: "Job", dueAt: jobs.dueAt });
  const { tenants, next } = await databases.worker.begin((tx) => rows.find(tx, 10));
  expect(tenants).toEqual([later, late]);
  expect((Date.parse(next ?? "") - Date.now()) / 60_000).toBeCloseTo(50, 0);
  expect((await databases.worker.begin((tx) => rows.find(tx, 1))).tenants).toEqual([later]);
});
