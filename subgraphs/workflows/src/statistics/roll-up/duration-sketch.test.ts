import fc from "fast-check";
import { expect, test } from "vitest";
import { addSketch, binOf, countOf, durationOf, emptySketch, pack, quantile, relativeError, type SketchSum } from "./duration-sketch.js";

const ms = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 1, max: 4e11, noNaN: true }));
const add = (sketch: SketchSum, durations: readonly number[], sign: number): SketchSum => {
  for (const one of durations) addSketch(sketch, new Map([[binOf(one), sign]]));
  return sketch;
};
const sketchOf = (durations: readonly number[]): SketchSum => add(emptySketch(), durations, 1);

test("each duration of a millisecond or more is within 1 % of its bin's representative", () => {
  fc.assert(
    fc.property(ms, (one) => {
      expect(Math.abs(durationOf(binOf(one)) - one)).toBeLessThanOrEqual(relativeError * one * 1.000_001);
    }),
  );
});

test("each quantile is within 1 % of the sorted durations' value, also of stored sketches that were added", () => {
  const shares = fc.constantFrom(0, 0.1, 0.5, 0.9, 0.99, 1);
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1, maxLength: 60 }), fc.array(ms, { maxLength: 60 }), shares, (a, b, q) => {
      const sketch = emptySketch();
      for (const one of [a, b]) addSketch(sketch, pack(sketchOf(one)));
      const sorted = [...a, ...b].toSorted((x, y) => x - y);
      const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
      expect(Math.abs((quantile(sketch, q) ?? Number.NaN) - exact)).toBeLessThanOrEqual(relativeError * exact * 1.000_001);
    }),
  );
});

test("durations that are taken back leave nothing", () => {
  fc.assert(
    fc.property(fc.array(ms, { maxLength: 30 }), (durations) => {
      const sketch = add(sketchOf(durations), durations, -1);
      expect(countOf(sketch)).toBe(0);
      expect(pack(sketch)).toHaveLength(0);
      expect(quantile(sketch, 0.5)).toBeNull();
    }),
  );
});

test("a stored sketch has the counts of the sum, however large", () => {
  const counts = fc.array(fc.tuple(fc.integer({ min: 0, max: 2_047 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })), { maxLength: 40 });
  fc.assert(
    fc.property(counts, (pairs) => {
      const [sum, stored] = [emptySketch(), emptySketch()];
      addSketch(sum, new Map(pairs));
      addSketch(stored, pack(sum));
      expect(stored).toEqual(sum);
    }),
  );
  expect(() => pack(add(emptySketch(), [5], -1))).toThrow(RangeError);
});

test("even a duration that no workflow reaches has a bin", () => {
  expect(binOf(1e30)).toBe(2_047);
  expect(quantile(sketchOf([1e30]), 0.5)).toBeGreaterThan(1e17);
});
