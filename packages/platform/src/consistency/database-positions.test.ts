import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { countedStatements } from "@weft/testkit/postgres/counted-statements";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DatabasePositions } from "./database-positions.js";
import { includes } from "./position.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("those who ask at the same time share a reading, which begins after they have asked", async () => {
  const positions = new DatabasePositions(bare.databases.app);
  const readings = countedStatements(bare.databases.app, "readDatabasePosition");
  const first = positions.current();
  await Promise.resolve();
  const others = await Promise.all(Array.from({ length: 40 }, () => positions.current()));
  await first;
  expect(readings()).toBeLessThanOrEqual(2);
  expect(others.every((position) => includes(position, others[0] ?? position))).toBe(true);
});

test("a position is the server's, with its timeline and start", async () => {
  const position = await new DatabasePositions(bare.databases.app).current();
  const [server] = await bare.owner<{ database: string; timeline: number }[]>`
    select (pg_control_system()).system_identifier::text as database, (pg_control_checkpoint()).timeline_id as timeline`;
  expect(position).toMatchObject({ database: server?.database, timeline: server?.timeline });
  const ageMs = Date.now() - Number(BigInt(position.startedAt) / 1_000n);
  expect(ageMs).toBeGreaterThan(0);
});

test("a position does not include a transaction that was running, until it has ended", async () => {
  const positions = new DatabasePositions(bare.databases.app);
  const hasWritten = Promise.withResolvers<void>();
  const canCommit = Promise.withResolvers<void>();
  const writing = bare.owner.begin(async (tx) => {
    await tx`select pg_current_xact_id()`;
    // A later transaction ends before it.
    await bare.owner.begin((other) => other`select pg_current_xact_id()`);
    hasWritten.resolve();
    await canCommit.promise;
  });
  await hasWritten.promise;
  const before = await positions.current();
  expect(before.running).toBeGreaterThan(0);
  canCommit.resolve();
  await writing;
  const after = await positions.current();
  expect([includes(after, before), includes(before, after)]).toEqual([true, false]);
});
