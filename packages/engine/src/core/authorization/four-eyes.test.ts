import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenFourEyes, live, lives } from "../fixtures/four-eyes.js";

test("nobody decides on their own request or votes twice, whatever is delegated, substituted, claimed, released and rolled back", () => {
  const done = new Map<string, number>();
  fc.assert(
    fc.property(lives, (life) => {
      const deeds = live(life);
      expect(brokenFourEyes(life.owner, deeds)).toEqual([]);
      for (const { transition } of deeds) done.set(transition, (done.get(transition) ?? 0) + 1);
    }),
    { numRuns: 500 },
  );
  // The random instances must make progress; otherwise this test would prove nothing.
  expect(Math.min(done.get("approve") ?? 0, done.get("release") ?? 0, done.get("reject") ?? 0)).toBeGreaterThan(5);
});
