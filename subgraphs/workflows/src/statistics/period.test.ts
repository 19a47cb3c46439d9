import { MAX_DAYS } from "@weft/api/periods";
import fc from "fast-check";
import { expect, test } from "vitest";
import { piecesOf } from "./period.js";
import { spans } from "./roll-up/cells.js";

const quarter = spans[0];

test("the pieces of a period follow each other without a gap, and even 400 days need few", () => {
  const length = fc.integer({ min: 1, max: (MAX_DAYS * 86_400) / quarter });
  fc.assert(
    fc.property(fc.integer({ min: 1_800_000, max: 2_100_000 }), length, (start, count) => {
      const period = { from: start * quarter, to: (start + count) * quarter };
      const pieces = piecesOf(period);
      let end = period.from;
      for (const piece of pieces) {
        expect(piece.start).toBe(end);
        expect(piece.start % piece.span).toBe(0);
        end += piece.span;
      }
      expect(end).toBe(period.to);
      expect(pieces.length).toBeLessThan(2 * (3 + 23 + 31) + 14);
    }),
  );
});
