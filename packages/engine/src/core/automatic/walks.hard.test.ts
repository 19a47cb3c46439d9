import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenWalk, walks } from "../fixtures/random-walk.js";

test("five thousand lifecycles of instances of random definitions keep every invariant", { timeout: 300_000 }, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(walks, (walk) => {
      expect(brokenWalk(walk, (kind) => seen.set(kind, (seen.get(kind) ?? 0) + 1))).toEqual([]);
    }),
    { numRuns: 5_000 },
  );
  // Every kind of history occurred, the rarest of them several hundred times.
  for (const kind of ["transition", "automatic", "vote", "child", "incident", "cancel"])
    expect([kind, (seen.get(kind) ?? 0) > 50]).toEqual([kind, true]);
});
