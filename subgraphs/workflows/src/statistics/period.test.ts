import { BadUserInput } from "@weft/shared";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_DAYS, periodBefore, periodOf, piecesOf } from "./period.js";
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

test("a period is extended to quarters of an hour, and defaults to the last 30 days", () => {
  const now = "2026-03-10T10:07:03.5Z";
  const of = (seconds: number) => new Date(seconds * 1_000).toISOString();
  const last = periodOf({}, now);
  expect([of(last.from), of(last.to)]).toEqual(["2026-02-08T10:15:00.000Z", "2026-03-10T10:15:00.000Z"]);
  const given = periodOf({ from: "2026-03-01T00:01:00Z", to: "2026-03-02T00:00:00Z" }, now);
  expect([of(given.from), of(given.to)]).toEqual(["2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"]);
  expect(of(periodBefore(given).from)).toBe("2026-02-28T00:00:00.000Z");
  expect(() => periodOf({ from: now, to: "2026-03-01T00:00:00Z" }, now)).toThrow(BadUserInput);
  expect(() => periodOf({ from: "2024-01-01T00:00:00Z" }, now)).toThrow(/longer than 400 days/);
});
