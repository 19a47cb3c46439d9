import fc from "fast-check";
import { expect, test } from "vitest";
import { timelines } from "../fixtures/random-sla.js";
import { bothOf } from "../fixtures/sla-difference.js";

test("the ledger says what a calculator says that visits every second, and counting again gives the same entries", () => {
  fc.assert(
    fc.property(timelines, (timeline) => {
      const { ledger, slow, entries, again } = bothOf(timeline);
      expect(ledger).toEqual(slow);
      expect(again).toEqual(entries);
    }),
    { numRuns: 500 },
  );
});
