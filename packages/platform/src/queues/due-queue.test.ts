import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { eq } from "drizzle-orm";
import { integer, pgSchema, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import type { Databases, Tx } from "../db/database.js";
import { openDatabases } from "../db/open.js";
import { newId } from "@weft/shared/ids";
import { doInBatches } from "./do-in-batches.js";
import { DueQueue } from "./due-queue.js";

const table = pgSchema("app").table("due_queue_jobs", {
  tenantId: uuid("tenant_id").notNull(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  dueAt: timestamp("due_at", { withTimezone: true, mode: "string" }),
  tries: integer("tries").notNull(),
  claims: integer("claims").notNull(),
});
const queue = new DueQueue({ name: "Job", table, dueAt: "dueAt", tries: "tries", claimTime: "1 minute" });

let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  databases = await openDatabases({ ...database, pools: { app: 2 } });
  await owner.unsafe(`create table app.due_queue_jobs (
      tenant_id uuid not null, id uuid not null default app.uuid_v7(), name text not null, due_at timestamptz, tries integer not null default 0, claims integer not null default 0,
      primary key (tenant_id, id));
    call app.protect('app.due_queue_jobs');
    grant select, insert, update, delete on app.due_queue_jobs to weft_app;`);
});

beforeEach(async () => {
  await owner`truncate app.due_queue_jobs`;
});

afterAll(async () => {
  await databases.close();
  await owner.end();
  await database.drop();
});

/** Creates a tenant with jobs that have been due for so many minutes. Null: never. */
async function aTenant(jobs: Readonly<Record<string, number | null>>): Promise<string> {
  const id = newId();
  await owner`insert into identity.tenants (tenant_id, slug, name) values (${id}, ${`t-${id}`}, 'T')`;
  for (const [name, minutes] of Object.entries(jobs))
    await owner`insert into app.due_queue_jobs (tenant_id, name, due_at) values (${id}, ${name}, now() - ${minutes}::float8 * interval '1 minute')`;
  return id;
}

const inTenant = <T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);
const claim = (tenantId: string, limit?: number) => inTenant(tenantId, (tx) => queue.claim(tx, limit));
/** The seconds until jobs are due, by name. */
const waits = async (): Promise<Record<string, number | null>> =>
  Object.fromEntries(
    (
      await owner<{ name: string; wait: number | null }[]>`
        select name, round(extract(epoch from due_at - now()) / 10)::int * 10 as wait from app.due_queue_jobs order by name`
    ).map(({ name, wait }) => [name, wait]),
  );

test("a claim takes the rows of the tenant that have waited longest, counts it, and holds until the claim time is over", async () => {
  const tenantId = await aTenant({ a: 1, b: 3, c: 2, later: -1, never: null });
  await aTenant({ other: 9 });
  expect(await claim(tenantId)).toMatchObject([{ tenantId, name: "b", tries: 1 }]);
  expect((await claim(tenantId, 5)).map(({ name }) => name).toSorted()).toEqual(["a", "c"]);
  expect(await claim(tenantId, 5)).toEqual([]);
  expect(await waits()).toEqual({ a: 60, b: 60, c: 60, later: 60, never: null, other: -540 });
  await owner`update app.due_queue_jobs set due_at = now() where name = 'b'`;
  expect(await claim(tenantId)).toMatchObject([{ name: "b", tries: 2 }]);
});

test("a queue of some rows of a table neither finds nor claims the others, and the number of all claims only grows", async () => {
  const only = new DueQueue({
    name: "SomeJob",
    table,
    dueAt: "dueAt",
    tries: "tries",
    claims: "claims",
    claimTime: "1 minute",
    only: eq(table.name, "mine"),
  });
  const tenantId = await aTenant({ mine: 1, theirs: 3 });
  expect(await inTenant(tenantId, (tx) => only.claim(tx, 5))).toMatchObject([{ name: "mine", tries: 1, claims: 1 }]);
  // Theirs is due, mine when its claim ends.
  expect(Date.parse((await inTenant(tenantId, (tx) => only.searches.next(tx))) ?? "")).toBeGreaterThan(Date.now());
  await owner`update app.due_queue_jobs set due_at = now(), tries = 0 where name = 'mine'`;
  expect(await inTenant(tenantId, (tx) => only.claim(tx, 5))).toMatchObject([{ name: "mine", tries: 1, claims: 2 }]);
});

test("concurrent workers share the rows of a tenant, and each row goes to one of them", async () => {
  const tenantId = await aTenant(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`job${n}`, 1])));
  const shares = await Promise.all(Array.from({ length: 4 }, () => claim(tenantId, 5)));
  expect(new Set(shares.flat().map(({ id }) => id)).size).toBe(20);
});

test("a claim can be extended, and a row postponed, unless it no longer waits", async () => {
  const tenantId = await aTenant({ done: 1, late: 2 });
  const [late, done] = await Promise.all([claim(tenantId), claim(tenantId)]).then((claims) =>
    claims.flat().toSorted((a, b) => b.name.localeCompare(a.name)),
  );
  if (!late || !done) throw new Error("Two jobs are due.");
  await owner`update app.due_queue_jobs set due_at = null where id = ${done.id}`;
  for (const { id } of [late, done]) await inTenant(tenantId, (tx) => queue.postpone(tx, id, "1 hour"));
  expect(await waits()).toEqual({ done: null, late: 3600 });
  for (const { id } of [late, done]) await inTenant(tenantId, (tx) => queue.extend(tx, id));
  expect(await waits()).toEqual({ done: null, late: 60 });
});

const turnOf = (tenantId: string, { limit = 10, signal = new AbortController().signal } = {}) => ({
  db: databases.app,
  tenantId,
  limit,
  batch: 2,
  signal,
});

test("a turn does the work of due rows in batches until nothing is due, its limit is reached, or it is over", async () => {
  const tenantId = await aTenant({ a: 5, b: 4, c: 3, d: 2, e: 1, later: -1 });
  const worked: string[] = [];
  const turn = (options: Parameters<typeof turnOf>[1]) =>
    queue.takeTurn(turnOf(tenantId, options), ({ name }) => Promise.resolve(worked.push(name) > 0 && name !== "b"));
  expect(await turn({ limit: 1 })).toBe(1);
  expect(worked).toEqual(["a"]);
  expect(await turn({ signal: AbortSignal.abort() })).toBe(0);
  expect(await turn({})).toBe(3);
  expect(worked.toSorted()).toEqual(["a", "b", "c", "d", "e"]);
});

test("work that is done in the transaction that locks its rows ends at the limit, and when nothing is left", async () => {
  const tenantId = await aTenant({ a: 5, b: 4, c: 3, d: 2, e: 1 });
  const sizes: number[] = [];
  const take = async (tx: Tx, size: number): Promise<number> => {
    sizes.push(size);
    return (await queue.claim(tx, size)).length;
  };
  expect(await doInBatches(turnOf(tenantId, { limit: 3 }), take)).toBe(3);
  expect(await doInBatches(turnOf(tenantId), take)).toBe(2);
  expect(sizes).toEqual([2, 1, 2, 2]);
});
