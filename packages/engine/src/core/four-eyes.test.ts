import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenFourEyes, live, lives } from "./fixtures/four-eyes.js";

test("whatever is delegated, stood in for, claimed, given back and rolled back, nobody decides on what is his own, and nobody votes twice", () => {
  const done = new Map<string, number>();
  fc.assert(
    fc.property(lives, (life) => {
      const deeds = live(life);
      expect(brokenFourEyes(life.owner, deeds)).toEqual([]);
      for (const { transition } of deeds) done.set(transition, (done.get(transition) ?? 0) + 1);
    }),
    { numRuns: 500 },
  );
  // The lives go somewhere: else this would say nothing.
  expect(Math.min(done.get("approve") ?? 0, done.get("release") ?? 0, done.get("reject") ?? 0)).toBeGreaterThan(5);
});
