import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { countedStatements } from "@weft/testkit/postgres/counted-statements";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

describe("a database that answers late", () => {
  /** A database whose statements wait. `answer` lets them go on, and later ones do not wait. */
  function waiting() {
    const { app } = bare.databases;
    const canAnswer = Promise.withResolvers<void>();
    let sent = 0;
    const statement: typeof app.statement = async (...call) => {
      sent++;
      await canAnswer.promise;
      return app.statement(...call);
    };
    const database = Object.create(app, { statement: { value: statement } }) as typeof app;
    return { positions: new DatabasePositions(database), answer: () => canAnswer.resolve(), sent: () => sent };
  }
  const position = () => new DatabasePositions(bare.databases.app).current();
  const within = async (ms: number, run: () => Promise<unknown>): Promise<unknown> => {
    const startedAt = performance.now();
    const result = await run().catch((error: unknown) => error);
    expect(performance.now() - startedAt).toBeLessThan(ms);
    return result;
  };

  test("does not keep anybody longer than until their deadline, also not behind a reading that is under way", async () => {
    const { positions, answer } = waiting();
    const wanted = await position();
    const first = positions.current();
    for (let caller = 0; caller < 2; caller++)
      expect(await within(2_000, () => positions.reached(wanted, { deadline: performance.now() + 300 }))).toBe(false);
    answer();
    await first;
  });

  test("does not keep a caller who has gone", async () => {
    const { positions, answer } = waiting();
    const gone = new AbortController();
    setTimeout(() => gone.abort(new Error("The client is gone.")), 100);
    const wanted = await position();
    const reached = () => positions.reached(wanted, { deadline: performance.now() + 60_000, signal: gone.signal });
    expect(await within(5_000, reached)).toMatchObject({ message: "The client is gone." });
    answer();
  });

  test("answers those whose deadline is later with the same reading", async () => {
    const { positions, answer, sent } = waiting();
    const wanted = await position();
    const patient = positions.reached(wanted, { deadline: performance.now() + 60_000 });
    expect(await positions.reached(wanted, { deadline: performance.now() + 300 })).toBe(false);
    // Later, the patient one can need another reading: transactions of other databases count, too.
    expect(sent()).toBe(1);
    answer();
    expect(await patient).toBe(true);
  });
});
