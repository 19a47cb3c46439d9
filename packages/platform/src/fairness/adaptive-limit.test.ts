import { expect, test } from "vitest";
import { AdaptiveLimit } from "./adaptive-limit.js";

/** Returns a limit of 16 whose event loop is active for the given share of the time. */
function aLimit() {
  const times = { now: 0, active: 0 };
  const limit = new AdaptiveLimit({ max: 16, loop: () => ({ ...times }) });
  return {
    limit,
    /** Adds samples in which every tenant uses the given number of milliseconds. */
    pass: (samples: number, utilization: number, used: Readonly<Record<string, number>>): void => {
      for (let n = 0; n < samples; n++) {
        times.now += 30;
        times.active += 30 * utilization;
        for (const [key, ms] of Object.entries(used)) limit.add(key, ms);
      }
    },
  };
}

test("while the event loop has capacity, every user runs as many operations as allowed", () => {
  const { limit, pass } = aLimit();
  pass(50, 0.75, { loud: 100, quiet: 2 });
  expect(["loud", "quiet", "new"].map((key) => limit.of(key))).toEqual([16, 16, 16]);
});

test("when it has none, a tenant that uses more than the others runs one operation at a time, and the others are not delayed", () => {
  const { limit, pass } = aLimit();
  pass(20, 0.99, { loud: 100, quiet: 2 });
  expect(["loud", "quiet", "new"].map((key) => limit.of(key))).toEqual([1, 16, 16]);
});

test("two heavy users are both limited", () => {
  const { limit, pass } = aLimit();
  pass(20, 0.99, { loud: 80, louder: 100, quiet: 2 });
  expect(["loud", "louder", "quiet"].map((key) => limit.of(key))).toEqual([1, 1, 16]);
});

test("among many users of almost nothing, only those that use nearly as much as the heaviest are limited", () => {
  const { limit, pass } = aLimit();
  const light = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`network ${n}`, 0.1]));
  pass(20, 0.99, { loud: 100, usual: 10, ...light });
  expect(["loud", "usual"].map((key) => limit.of(key))).toEqual([1, 16]);
});

test("users with about equal usage are not limited, although some are above the average", () => {
  const { limit, pass } = aLimit();
  const usual = { a: 8, b: 10, c: 12, d: 16, e: 20 };
  pass(50, 0.99, usual);
  expect(Object.keys(usual).map((key) => limit.of(key))).toEqual([16, 16, 16, 16, 16]);
  pass(20, 0.99, { ...usual, loud: 100 });
  expect([...Object.keys(usual), "loud"].map((key) => limit.of(key))).toEqual([16, 16, 16, 16, 16, 1]);
});

test("users of a small share of the process are not limited, however little the others use", () => {
  const { limit, pass } = aLimit();
  pass(50, 0.99, { usual: 0.7, quiet: 0.1 });
  expect(["usual", "quiet"].map((key) => limit.of(key))).toEqual([16, 16]);
});

test("a user who is alone is not limited until another one arrives", () => {
  const { limit, pass } = aLimit();
  pass(20, 0.99, { loud: 100 });
  expect(limit.of("loud")).toBe(16);
  pass(2, 0.99, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(1);
});

test("a loop that is busy for a moment is not saturated", () => {
  const { limit, pass } = aLimit();
  for (let n = 0; n < 10; n++) {
    pass(3, 0.99, { loud: 100, quiet: 2 });
    pass(10, 0.3, { loud: 30, quiet: 2 });
  }
  pass(3, 0.99, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(16);
});

test("users who need the whole process one after the other are not limited, because they use as much as each other in the long run", () => {
  const { limit, pass } = aLimit();
  const users = Array.from({ length: 10 }, (_, n) => `user ${n}`);
  const limits = new Set<number>();
  for (let cycle = 0; cycle < 4; cycle++)
    for (const user of users)
      for (let sample = 0; sample < 20; sample++) {
        pass(1, 0.99, { [user]: 27 });
        // In the first cycles, some have been there for longer than others.
        if (cycle > 1) limits.add(limit.of(user));
      }
  expect([...limits]).toEqual([16]);
  pass(150, 0.99, { loud: 27, [users[0] ?? ""]: 3 });
  expect(limit.of("loud")).toBe(1);
});

test("the limit increases by one with each sample that shows capacity again", () => {
  const { limit, pass } = aLimit();
  pass(9, 0.99, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(1);
  // The average needs two samples.
  pass(1, 0.3, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(1);
  pass(3, 0.3, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(4);
  pass(20, 0.3, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(16);
});

test("the limit stays the same while the loop is neither busy nor idle", () => {
  const { limit, pass } = aLimit();
  pass(6, 0.99, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(8);
  pass(50, 0.7, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(8);
});

test("if one operation at a time still leaves no capacity, a heavy user pauses after each for three times its duration, at most a quarter of a second", () => {
  const { limit, pass } = aLimit();
  pass(9, 0.99, { loud: 100, quiet: 2 });
  expect(limit.restAfter("loud", 10)).toBe(0);
  pass(1, 0.99, { loud: 100, quiet: 2 });
  expect(limit.restAfter("loud", 10)).toBe(10);
  pass(10, 0.99, { loud: 100, quiet: 2 });
  expect([10, 1_000].map((ms) => limit.restAfter("loud", ms))).toEqual([30, 250]);
  expect(limit.restAfter("quiet", 10)).toBe(0);
  pass(5, 0.3, { loud: 100, quiet: 2 });
  expect(limit.restAfter("loud", 10)).toBe(0);
  expect(limit.of("loud")).toBe(1);
});

test("a user who has left is no longer counted", () => {
  const { limit, pass } = aLimit();
  pass(10, 0.99, { loud: 100, quiet: 2 });
  pass(700, 0.99, { loud: 100 });
  expect(limit.of("loud")).toBe(16);
});
