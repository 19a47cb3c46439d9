import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { seedFullTenant, type idsOf } from "./full-tenant.fixture.js";

// Rules that the database itself enforces, regardless of the program: plain SQL as weft_app.

let database: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;
let acme: ReturnType<typeof idsOf>;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(database.appUrl, { max: 1 });
  acme = await seedFullTenant(owner, 1);
  await owner`update workflows.definitions set status = 'PUBLISHED', environments = '{DEV,STAGING,PROD}' where id = ${acme.definition}`;
});

afterAll(async () => {
  await Promise.all([owner.end(), app.end()]);
  await database.drop();
});

/** Returns the number of rows that the statement affects. */
const touched = (statement: string): Promise<number> =>
  app.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${acme.tenant}, true)`;
    return (await tx.unsafe(statement)).count;
  });
const content = [
  "id",
  "key",
  "number",
  "name",
  "description",
  "source",
  "format",
  "document",
  "message",
  "parent_id",
  "created_by",
  "created_at",
];

test.each(content)("%s of a published definition cannot be changed", async (column) => {
  const statement = `update workflows.definitions set ${column} = ${column} where id = '${acme.definition}'`;
  await expect(touched(statement)).rejects.toThrow("permission denied");
});

test("a published definition cannot become a draft again or be deleted", async () => {
  const back = `update workflows.definitions set status = 'DRAFT' where id = '${acme.definition}'`;
  await expect(touched(back)).rejects.toThrow("row-level security");
  expect(await touched(`delete from workflows.definitions where id = '${acme.definition}'`)).toBe(0);
});

test("its status can change, and drafts can be deleted", async () => {
  expect(await touched(`update workflows.definitions set status = 'RETIRED', tags = '{a}' where id = '${acme.definition}'`)).toBe(1);
  expect(await touched(`delete from workflows.definitions where id = '${acme.otherDefinition}'`)).toBe(1);
});
