import { expect, test } from "vitest";
import { AdaptiveLimit } from "./adaptive-limit.js";

/** A limit of 16 whose event loop is at work for a given share of the time. */
function aLimit() {
  const times = { now: 0, active: 0 };
  const limit = new AdaptiveLimit({ max: 16, loop: () => ({ ...times }) });
  return {
    limit,
    /** Samples in each of which every tenant has used so many milliseconds. */
    pass: (samples: number, utilization: number, used: Readonly<Record<string, number>>): void => {
      for (let n = 0; n < samples; n++) {
        times.now += 30;
        times.active += 30 * utilization;
        for (const [key, ms] of Object.entries(used)) limit.add(key, ms);
      }
    },
  };
}

test("while the event loop has time, everybody runs as many as are allowed", () => {
  const { limit, pass } = aLimit();
  pass(50, 0.75, { loud: 100, quiet: 2 });
  expect(["loud", "quiet", "new"].map((key) => limit.of(key))).toEqual([16, 16, 16]);
});

test("when it has none, whoever uses more than the others runs one after the other, and the others are not held back", () => {
  const { limit, pass } = aLimit();
  pass(10, 0.99, { loud: 100, quiet: 2 });
  expect(["loud", "quiet", "new"].map((key) => limit.of(key))).toEqual([1, 16, 16]);
});

test("two that use much are both held back", () => {
  const { limit, pass } = aLimit();
  pass(10, 0.99, { loud: 80, louder: 100, quiet: 2 });
  expect(["loud", "louder", "quiet"].map((key) => limit.of(key))).toEqual([1, 1, 16]);
});

test("among many who use next to nothing, only those are held back who use nearly as much as the heaviest", () => {
  const { limit, pass } = aLimit();
  const light = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`network ${n}`, 0.1]));
  pass(10, 0.99, { loud: 100, usual: 10, ...light });
  expect(["loud", "usual"].map((key) => limit.of(key))).toEqual([1, 16]);
});

test("whoever is alone is not held back, and is from when somebody else comes", () => {
  const { limit, pass } = aLimit();
  pass(10, 0.99, { loud: 100 });
  expect(limit.of("loud")).toBe(16);
  pass(2, 0.99, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(1);
});

test("one more runs for each sample in which there was time again, and between busy and idle nothing changes", () => {
  const { limit, pass } = aLimit();
  pass(3, 0.99, { loud: 100, quiet: 2 });
  pass(3, 0.5, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(5);
  pass(10, 0.75, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(5);
  pass(20, 0.5, { loud: 100, quiet: 2 });
  expect(limit.of("loud")).toBe(16);
});

test("when one after the other leaves no time either, a heavy user rests after each for seven times as long, at most a quarter of a second", () => {
  const { limit, pass } = aLimit();
  pass(4, 0.99, { loud: 100, quiet: 2 });
  expect(limit.restAfter("loud", 10)).toBe(0);
  pass(1, 0.99, { loud: 100, quiet: 2 });
  expect(limit.restAfter("loud", 10)).toBe(10);
  pass(10, 0.99, { loud: 100, quiet: 2 });
  expect([10, 1_000].map((ms) => limit.restAfter("loud", ms))).toEqual([70, 250]);
  expect(limit.restAfter("quiet", 10)).toBe(0);
  pass(7, 0.5, { loud: 100, quiet: 2 });
  expect(limit.restAfter("loud", 10)).toBe(0);
  expect(limit.of("loud")).toBe(1);
});

test("whoever has gone counts no more", () => {
  const { limit, pass } = aLimit();
  pass(10, 0.99, { loud: 100, quiet: 2 });
  pass(200, 0.99, { loud: 100 });
  expect(limit.of("loud")).toBe(16);
});
