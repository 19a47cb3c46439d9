import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenWalk, walks } from "../fixtures/random-walk.js";

test(
  "for any definition, instances stay within its states, come to rest, and open and close the tasks they report",
  { tags: "slow" },
  () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(walks, (walk) => {
        expect(brokenWalk(walk, (kind) => seen.set(kind, (seen.get(kind) ?? 0) + 1))).toEqual([]);
      }),
      { numRuns: 80 },
    );
    // The walks must make progress; otherwise this test would prove nothing.
    for (const kind of ["transition", "automatic", "data"]) expect([kind, (seen.get(kind) ?? 0) > 3]).toEqual([kind, true]);
  },
);
