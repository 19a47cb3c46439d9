import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { alone } from "./alone.js";
import { asTenant } from "./as-tenant.js";
import type { Databases } from "./database.js";
import { named } from "./named.js";
import { openDatabases } from "./open.js";

let database: TestDatabase;
let databases: Databases;

beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ ...database, pools: { app: 1 } });
});

afterAll(async () => {
  await databases.close();
  await database.drop();
});

test("returns the rows that a transaction without a tenant returns, in its types, as one counted statement", async () => {
  // The only connection has served a tenant before.
  await asTenant(databases.app, { tenantId: newId() }, "read", (tx) => tx.execute(sql`select 1`));
  const statement = named(
    "readOne",
    sql`select app.tenant() as tenant, ${"a"}::text as text, '2026-01-31 08:05:01.123456+00'::timestamptz as at, '{"a":[1]}'::jsonb as json, 2::bigint as big`,
  );
  const texts: string[] = [];
  databases.app.onStatement = (text) => texts.push(text);
  const rows = await alone(databases.app).execute(statement);
  expect([...rows]).toEqual([{ tenant: null, text: "a", at: "2026-01-31T08:05:01.123456Z", json: { a: [1] }, big: "2" }]);
  expect([...(await databases.app.begin((tx) => tx.execute(statement), "read"))]).toEqual([...rows]);
  expect(texts.map((text) => text.slice(0, 13))).toEqual(["/* readOne */", "/* readOne */"]);
});
