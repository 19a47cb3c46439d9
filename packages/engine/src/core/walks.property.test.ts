import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenWalk, walks } from "./fixtures/random-walk.js";

test("whatever a definition is made of, its instances stay in its states, come to rest, and open and close what they say", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(walks, (walk) => {
      expect(brokenWalk(walk, (kind) => seen.set(kind, (seen.get(kind) ?? 0) + 1))).toEqual([]);
    }),
    { numRuns: 80 },
  );
  // The walks go somewhere: else this would say nothing.
  for (const kind of ["transition", "automatic", "data"]) expect([kind, (seen.get(kind) ?? 0) > 3]).toEqual([kind, true]);
});
