import { expect, test } from "vitest";
import { FieldTurns } from "./field-turns.js";

/** A clock that only moves when a field works: each of them takes as many milliseconds. */
function turnsOf(fieldMs: number) {
  let now = 0;
  let loops = 0;
  const turns = new FieldTurns({ clock: () => now, wallClock: () => now });
  const started: string[] = [];
  const count = (): void => {
    loops++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const start = async (tenantId: string, operation: object, name = tenantId): Promise<void> => {
    const turn = turns.take(tenantId, operation);
    if (turn) await turn;
    // What a field does after a promise belongs to its turn, too.
    await Promise.resolve();
    now += fieldMs;
    started.push(`${name} ${loops}`);
  };
  return { turns, started, start, end: () => clearImmediate(counting), loops: () => loops };
}

test("fields that need little all start in one turn of the event loop", async () => {
  const { started, start, end } = turnsOf(0.01);
  await Promise.all(Array.from({ length: 100 }, () => start("a", {})));
  end();
  expect(new Set(started)).toEqual(new Set(["a 0"]));
});

test("after ten milliseconds of one turn, further fields start in the next ones, and the event loop serves others in between", async () => {
  const { started, start, end, turns } = turnsOf(4);
  const operation = {};
  // The first one begins the turn.
  await start("a", operation);
  await start("a", operation);
  await start("a", operation);
  expect(turns.take("a", operation)).toBeInstanceOf(Promise);
  await Promise.all(Array.from({ length: 9 }, () => start("a", operation)));
  end();
  const perLoop = Object.values(Object.groupBy(started, (name) => name)).map((of) => of?.length);
  expect(Math.max(...perLoop.map(Number))).toBeLessThanOrEqual(3);
  expect(started).toHaveLength(12);
});

test("waiting fields start tenant by tenant, and those of one tenant in order", async () => {
  const { started, start, end } = turnsOf(20);
  await start("first", {});
  const names = ["a1", "a2", "a3", "b1", "a4", "c1", "b2"];
  await Promise.all(names.map((name) => start(name.charAt(0), {}, name)));
  end();
  expect(started.slice(1).map((name) => name.split(" ")[0])).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  expect(new Set(started.slice(1)).size).toBe(names.length);
});

test("a batch begins after all fields of its operation have started, however many turns that takes", async () => {
  const { turns, started, start, end } = turnsOf(20);
  const operation = {};
  await start("a", operation);
  const fields = Promise.all(["a1", "a2", "a3"].map((name) => start("a", operation, name)));
  const { promise: batched, resolve } = Promise.withResolvers<void>();
  let atBatch = 0;
  turns.afterFields(operation, () => {
    atBatch = started.length;
    resolve();
  });
  await Promise.all([fields, batched]);
  expect(atBatch).toBe(4);
  // Without waiting fields, it begins in the same turn of the event loop.
  let isDone = false;
  turns.afterFields(operation, () => (isDone = true));
  await new Promise<void>((done) => process.nextTick(() => process.nextTick(done)));
  await Promise.resolve();
  await new Promise<void>((done) => process.nextTick(done));
  expect(isDone).toBe(true);
  end();
});
