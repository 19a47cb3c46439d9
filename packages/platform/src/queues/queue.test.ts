import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { sql } from "drizzle-orm";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { alone } from "../db/alone.js";
import { asTenant } from "../db/as-tenant.js";
import type { Databases, Tx } from "../db/database.js";
import { openDatabases } from "../db/open.js";
import { newId } from "@weft/shared/ids";
import { handleBatches } from "./handle-batches.js";
import { type Claim, Queue } from "./queue.js";

const columns = { name: "Jobs", table: "app.queue_jobs", due: "due_at", claims: "claims", ready: "READY", leaseSeconds: 60 } as const;
/** Done again if a worker dies. */
const repeated = new Queue(columns);
/** Done at most once. */
const once = new Queue({ ...columns, claimed: "RUNNING" });

let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  databases = await openDatabases({ ...database, pools: { app: 2 } });
  await owner.unsafe(`create table app.queue_jobs (
      tenant_id uuid not null, id uuid not null default app.uuid_v7(), name text not null, status text not null default 'READY',
      due_at timestamptz, claims integer not null default 0, note text, bundle_id uuid, primary key (tenant_id, id));
    create index on app.queue_jobs (tenant_id, due_at) where due_at is not null;
    call app.protect('app.queue_jobs');
    create policy worker on app.queue_jobs for select to weft_worker using (true);
    grant select, insert, update, delete on app.queue_jobs to weft_app;
    grant select on app.queue_jobs to weft_worker;`);
});

beforeEach(async () => {
  await owner`truncate app.queue_jobs`;
});

afterAll(async () => {
  await databases.close();
  await owner.end();
  await database.drop();
});

/** Creates a tenant with jobs that have been due for so many minutes: `{ a: 3 }`. */
async function aTenant(jobs: Readonly<Record<string, number>>, status = "ACTIVE"): Promise<string> {
  const id = newId();
  await owner`insert into identity.tenants (tenant_id, slug, name, status) values (${id}, ${`t-${id}`}, 'T', ${status})`;
  for (const [name, minutes] of Object.entries(jobs))
    await owner`insert into app.queue_jobs (tenant_id, name, due_at) values (${id}, ${name}, now() - ${minutes}::float8 * interval '1 minute')`;
  return id;
}

type Job = Claim & { readonly name: string };

const inTenant = <T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);
const claim = (queue: Queue, tenantId: string, limit = 1): Promise<readonly Job[]> =>
  inTenant(tenantId, (tx) => queue.claim<Job>(tx, { limit, select: sql`q.name from claimed q order by q.id` }));
const found = (queue: Queue): Promise<string[]> => queue.findTenants(alone(databases.worker));
const namesOf = (jobs: readonly Job[]): string[] => jobs.map(({ name }) => name).toSorted();
const endLeases = () => owner`update app.queue_jobs set due_at = now() - interval '1 second' where claims > 0 and due_at is not null`;
const rows = async () => [...(await owner`select name, status, claims, note from app.queue_jobs order by name`)];

test("active tenants with due rows are found, longest waiting first, and a tenant with thousands of rows hides nobody", async () => {
  const busy = await aTenant({ a: 3 });
  await owner`insert into app.queue_jobs (tenant_id, name, due_at) select ${busy}, n::text, now() - interval '2 minutes' from generate_series(1, 3000) n`;
  const late = await aTenant({ b: 5 });
  const quiet = await aTenant({ c: 1 });
  await aTenant({ d: -1 });
  await aTenant({ e: 9 }, "SUSPENDED");
  expect(await found(repeated)).toEqual([late, busy, quiet]);
});

test("a claim takes the rows that have waited longest; what another worker has claimed is not claimed again before its lease ends", async () => {
  const tenantId = await aTenant({ a: 1, b: 3, c: 2, later: -1 });
  expect(namesOf(await claim(repeated, tenantId, 2))).toEqual(["b", "c"]);
  expect(namesOf(await claim(repeated, tenantId, 5))).toEqual(["a"]);
  expect(await claim(repeated, tenantId, 5)).toEqual([]);
  expect(await found(repeated)).toEqual([]);
  await endLeases();
  expect(await found(repeated)).toEqual([tenantId]);
  expect((await claim(repeated, tenantId, 5)).map(({ claims }) => claims)).toEqual([2, 2, 2]);
});

test("concurrent workers share the rows of a tenant, and each row goes to one of them", async () => {
  const tenantId = await aTenant(Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`job${n}`, 1])));
  const shares = await Promise.all(Array.from({ length: 8 }, () => claim(repeated, tenantId, 5)));
  expect(new Set(shares.flat().map(({ id }) => id)).size).toBe(40);
});

test("nothing of another tenant is claimed or ended, and nothing of a suspended one is claimed", async () => {
  const [mine, other] = [await aTenant({ mine: 1 }), await aTenant({ other: 1 })];
  const suspended = await aTenant({ waiting: 1 }, "SUSPENDED");
  expect(namesOf(await claim(repeated, mine, 9))).toEqual(["mine"]);
  expect(await claim(repeated, suspended, 9)).toEqual([]);
  const claimed = await claim(repeated, other, 9);
  expect(await inTenant(mine, (tx) => repeated.finish(tx, claimed, sql`status = 'DONE'`))).toBe(0);
  expect(await inTenant(mine, (tx) => repeated.remove(tx, claimed))).toBe(0);
  expect(await rows()).toHaveLength(3);
});

test("a worker that reports late changes nothing", async () => {
  const tenantId = await aTenant({ a: 1 });
  const late = await claim(repeated, tenantId);
  await endLeases();
  const [taken] = await claim(repeated, tenantId);
  expect(await inTenant(tenantId, (tx) => repeated.finish(tx, late, sql`status = 'FAILED'`))).toBe(0);
  if (!taken || !late[0]) throw new Error("nothing was claimed");
  expect(await inTenant(tenantId, (tx) => repeated.postpone(tx, late[0] as Job, { seconds: 5 }))).toBe(0);
  expect(await inTenant(tenantId, (tx) => repeated.finish(tx, [taken], sql`status = 'DONE', due_at = null`))).toBe(1);
  expect(await rows()).toEqual([{ name: "a", status: "DONE", claims: 2, note: null }]);
});

test("a row that is postponed is due later; a claim that was not tried does not count", async () => {
  const tenantId = await aTenant({ a: 2, b: 1 });
  const [a, b] = (await claim(once, tenantId, 2)).toSorted((one, other) => one.name.localeCompare(other.name));
  if (!a || !b) throw new Error("nothing was claimed");
  await inTenant(tenantId, (tx) => once.postpone(tx, a, { seconds: 60, set: sql`note = 'busy'` }));
  await inTenant(tenantId, (tx) => once.postpone(tx, b, { seconds: 0, isCounted: false }));
  expect(await rows()).toEqual([
    { name: "a", status: "READY", claims: 1, note: "busy" },
    { name: "b", status: "READY", claims: 0, note: null },
  ]);
  expect(namesOf(await claim(once, tenantId, 2))).toEqual(["b"]);
});

test("work that must not be done twice is not claimed again: its tenant is found when the lease ends, and the claim is ended", async () => {
  const tenantId = await aTenant({ a: 2, b: 1 });
  await claim(once, tenantId);
  await endLeases();
  expect(await found(once)).toEqual([tenantId]);
  expect(await inTenant(tenantId, (tx) => once.endLost(tx, sql`status = 'UNKNOWN', due_at = null`))).toBe(1);
  expect(namesOf(await claim(once, tenantId, 9))).toEqual(["b"]);
  expect(await rows()).toEqual([
    { name: "a", status: "UNKNOWN", claims: 1, note: null },
    { name: "b", status: "RUNNING", claims: 1, note: null },
  ]);
  await expect(inTenant(tenantId, (tx) => repeated.endLost(tx, sql`status = 'UNKNOWN'`))).rejects.toThrow(/claimed again/);
});

test("only rows and tenants that meet the conditions of a queue are found and claimed, and only claims of its rows are ended", async () => {
  const [open, closed] = [await aTenant({ a: 1, b: 2 }), await aTenant({ a: 3 })];
  const some = new Queue({ ...columns, claimed: "RUNNING", rows: sql`q.name <> 'b'`, tenants: sql`t.tenant_id <> ${closed}::uuid` });
  expect(await found(some)).toEqual([open]);
  expect(await claim(some, closed)).toEqual([]);
  expect(namesOf(await claim(some, open, 9))).toEqual(["a"]);
  expect(namesOf(await claim(once, open, 9))).toEqual(["b"]);
  await endLeases();
  expect(await inTenant(open, (tx) => some.endLost(tx, sql`status = 'UNKNOWN', due_at = null`))).toBe(1);
  expect((await rows()).map(({ name, status }) => `${name}: ${status}`)).toEqual(["a: READY", "a: UNKNOWN", "b: RUNNING"]);
});

test("rows with the same key are claimed, postponed, finished and lost together", async () => {
  const tenantId = await aTenant({ a: 3, "with a": 1 });
  await owner`update app.queue_jobs set bundle_id = (select id from app.queue_jobs where name = 'a'), due_at = case when name = 'a' then due_at end`;
  const bundles = new Queue({ ...columns, key: "bundle_id", claimed: "RUNNING" });
  const states = async () => [...new Set((await rows()).map(({ status, claims }) => `${status} ${claims}`))];

  const late = await claim(bundles, tenantId);
  expect(await states()).toEqual(["RUNNING 1"]);
  expect(await inTenant(tenantId, (tx) => bundles.postpone(tx, late[0] as Job, { seconds: 0 }))).toBe(2);
  expect(await states()).toEqual(["READY 1"]);
  const [claimed] = await claim(bundles, tenantId);
  expect(await inTenant(tenantId, (tx) => bundles.finish(tx, late, sql`status = 'FAILED'`))).toBe(0);
  expect(await inTenant(tenantId, (tx) => bundles.finish(tx, [claimed as Job], sql`status = 'DONE', due_at = null`))).toBe(2);
  expect(await states()).toEqual(["DONE 2"]);

  await owner`update app.queue_jobs set status = 'READY', due_at = case when name = 'a' then now() end`;
  await claim(bundles, tenantId);
  await endLeases();
  expect(await inTenant(tenantId, (tx) => bundles.endLost(tx, sql`status = 'UNKNOWN', due_at = null`))).toBe(2);
  expect(await states()).toEqual(["UNKNOWN 3"]);
});

test("a tenant's rows are handled in batches, in one transaction each, until none is due or its turn is over", async () => {
  const tenantId = await aTenant(Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`job${n}`, 1])));
  const handled: string[] = [];
  const turn = new AbortController();
  const options = {
    db: databases.app,
    tenantId,
    claim: (tx: Tx) => repeated.claim<Job>(tx, { limit: 10, select: sql`q.name from claimed q` }),
    finish: (tx: Tx, done: readonly Job[]) => repeated.remove(tx, done),
    turnMs: 60_000,
    signal: turn.signal,
  };
  const handle = async (jobs: readonly Job[]): Promise<void> => {
    handled.push(...namesOf(jobs));
    if (handled.length === 20) turn.abort();
  };
  expect(await handleBatches({ ...options, handle })).toBe(20);
  expect(await rows()).toHaveLength(5);
  const failing = handleBatches({ ...options, signal: new AbortController().signal, handle: () => Promise.reject(new Error("crashed")) });
  await expect(failing).rejects.toThrow("crashed");
  expect((await rows()).map(({ claims }) => Number(claims))).toEqual([1, 1, 1, 1, 1]);
  expect(new Set(handled).size).toBe(20);
});

test("a batch that took longer than its lease is recorded before more is claimed, so its work is not done again", async () => {
  const tenantId = await aTenant({ a: 2, b: 1 });
  const handled: string[] = [];
  await handleBatches({
    db: databases.app,
    tenantId,
    claim: (tx) => repeated.claim<Job>(tx, { select: sql`q.name from claimed q` }),
    handle: async (jobs) => {
      handled.push(...namesOf(jobs));
      await endLeases();
    },
    finish: (tx: Tx, done: readonly Job[]) => repeated.remove(tx, done),
    turnMs: 60_000,
    signal: new AbortController().signal,
  });
  expect(handled).toEqual(["a", "b"]);
  expect(await rows()).toEqual([]);
});

test("a turn ends after its time, with what it has begun, so that other tenants get theirs", async () => {
  const tenantId = await aTenant({ a: 2, b: 1 });
  const count = await handleBatches({
    db: databases.app,
    tenantId,
    claim: (tx) => repeated.claim<Job>(tx, { select: sql`q.name from claimed q` }),
    handle: () => new Promise((resolve) => setTimeout(resolve, 50)),
    finish: (tx: Tx, done: readonly Job[]) => repeated.remove(tx, done),
    turnMs: 20,
    signal: new AbortController().signal,
  });
  expect(count).toBe(1);
  expect((await rows()).map(({ name }) => String(name))).toEqual(["b"]);
});
