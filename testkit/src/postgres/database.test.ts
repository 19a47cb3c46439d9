import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closedConnections } from "./closed-connections.js";
import { cloneDatabase, type TestDatabase } from "./database.js";

let database: TestDatabase;

beforeAll(async () => {
  database = await cloneDatabase();
});

afterAll(() => database.drop());

async function asking<T>(url: string, run: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await run(sql);
  } finally {
    await sql.end();
  }
}

test("a clone is a migrated database that each of Weft's roles can connect to", async () => {
  for (const [url, role] of [
    [database.appUrl, "weft_app"],
    [database.workerUrl, "weft_worker"],
    [database.authUrl, "weft_auth"],
  ] as const) {
    expect(await asking(url, (sql) => sql`select current_user::text as role, current_database()::text as name`)).toEqual([
      { role, name: database.name },
    ]);
  }
  const tables = await asking(database.ownerUrl, (sql) => sql`select from information_schema.tables where table_schema = 'workflows'`);
  expect(tables.length).toBeGreaterThan(0);
});

test("two clones share nothing", async () => {
  const other = await cloneDatabase();
  await asking(database.ownerUrl, (sql) => sql`create table mine (id int)`);
  expect(await asking(other.ownerUrl, (sql) => sql`select to_regclass('mine') as found`)).toEqual([{ found: null }]);
  await other.drop();
});

test("a connection that a file leaves open fails the file", { tags: "slow" }, async () => {
  const other = await cloneDatabase();
  const leaked = postgres(other.appUrl, { max: 1 });
  await leaked`select 'left open' as state`;
  await expect(other.drop(500)).rejects.toThrow(/1 connections.*close their pool.*weft_app: /s);
  await leaked.end({ timeout: 0 });
  await other.drop();
});

test("a connection that a file leaves open to a shared database fails the file", async () => {
  const owner = postgres(database.ownerUrl, { max: 1 });
  const leaked = postgres(database.appUrl, { max: 1 });
  await leaked`select 'left open' as state`;
  await expect(closedConnections(owner, 500)).rejects.toThrow(/weft_app: .*left open/s);
  await leaked.end();
  await closedConnections(owner);
  await owner.end();
});
