import { expect, test } from "vitest";
import { emitAllowances } from "./emit-allowances.js";

/** Allowances of 10 events a minute, with a clock that a test moves. */
function allowances() {
  const clock = { now: 0 };
  let consumed = 0;
  const consume = (_key: string, points: number) => {
    consumed += points;
    return Promise.resolve({ consumedPoints: consumed, msBeforeNext: 40_000 });
  };
  const counters = { counter: () => ({ consume }) };
  const emits = emitAllowances({ counters, limits: { publishedEventsPerMinute: 10 }, now: () => clock.now });
  return { clock, emits, consume, left: () => emits.of("t").left };
}

test("steps emit what others have left of the minute, and nothing after that", async () => {
  const { clock, emits, consume, left } = allowances();
  expect(left()).toBe(10);
  await emits.count("t", 3);
  expect(left()).toBe(7);
  await consume("t", 6);
  expect(left()).toBe(7);
  await emits.count("t", 4);
  expect(emits.of("t")).toMatchObject({ left: 0, until: new Date(40_000).toISOString() });
  expect(emits.of("other").left).toBe(10);
  clock.now = 40_000;
  expect(left()).toBe(10);
});

test("a transaction that emits nothing counts nothing", async () => {
  const { emits, left } = allowances();
  await emits.count("t", 0);
  expect(left()).toBe(10);
});
