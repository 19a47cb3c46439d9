import { asTenant, type Databases, openDatabases } from "@weft/platform/db";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { anEngineTenant, type EnginePerson } from "@weft/testkit/tenants/engine-tenant";
import { sql } from "drizzle-orm";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announceClocks, fireInstance, startInstance } from "../../index.js";

const document = {
  weft: 1,
  key: "timed",
  name: "Timed",
  initial: "a",
  slas: { whole: { target: "PT1H", warn: [] } },
  states: { a: { transitions: { go: { to: "b" } } }, b: { transitions: { end: { to: "c" } } }, c: { final: "completed" } },
};

let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;
let who: EnginePerson;

beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 3 } });
  owner = postgres(database.ownerUrl, { max: 2, onnotice: () => undefined });
  const tenant = await anEngineTenant(databases.app);
  who = tenant.operations;
  await tenant.publish(document);
});
afterAll(async () => {
  await owner.end();
  await databases.close();
  await database.drop();
});

const announce = (): Promise<number> =>
  asTenant(databases.app, { tenantId: who.viewer.tenantId }, "write", (tx) => announceClocks(tx, who.meta, 10));

test("a breach is announced after a transition that is being written, with the version that it has led to", async () => {
  const { actor, meta } = who;
  const { id } = await who.write((tx) => startInstance(tx, meta, { definitionKey: "timed", data: {}, ownerId: who.viewer.userId, actor }));
  const { id: other } = await who.write((tx) =>
    startInstance(tx, meta, { definitionKey: "timed", data: {}, ownerId: who.viewer.userId, actor }),
  );
  await owner`update workflows.sla_clocks set next_at = now() - interval '1 second', due_at = now() - interval '1 second', started_at = now() - interval '2 hours', entered_at = now() - interval '2 hours'`;
  const isLocked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const firing = who.write(async (tx) => {
    // As a transition does before it has come to the clocks.
    await tx.execute(sql`select from workflows.instances where id = ${id} for update`);
    isLocked.resolve();
    await release.promise;
    return fireInstance(tx, meta, { id, transition: "go", actor });
  });
  await isLocked.promise;
  expect(await announce()).toBe(1);
  release.resolve();
  await firing;
  expect(await announce()).toBe(1);
  const events = await owner<{ id: string; version: number }[]>`
    select subject_id as id, subject_version as version from events.log where type = 'sla.breached' order by occurred_at, id`;
  expect(events.map((event) => ({ ...event }))).toEqual([
    { id: other, version: 1 },
    { id, version: 2 },
  ]);
});
