import fc from "fast-check";
import { expect, test } from "vitest";
import { add } from "./cells.js";
import { binOf, durationOf, quantile, relativeError } from "./duration-sketch.js";

const ms = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 1, max: 4e11, noNaN: true }));
const sketchOf = (durations: readonly number[]): Map<string, number> => {
  const sketch = new Map<string, number>();
  for (const one of durations) add(sketch, binOf(one), 1);
  return sketch;
};

test("each duration of a millisecond or more is within 1 % of its bin's representative", () => {
  fc.assert(
    fc.property(ms, (one) => {
      expect(Math.abs(durationOf(binOf(one)) - one)).toBeLessThanOrEqual(relativeError * one * 1.000_001);
    }),
  );
});

test("each quantile is within 1 % of the sorted durations' value, also of added sketches", () => {
  const shares = fc.constantFrom(0, 0.1, 0.5, 0.9, 0.99, 1);
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1, maxLength: 60 }), fc.array(ms, { maxLength: 60 }), shares, (a, b, q) => {
      const sketch = sketchOf(a);
      for (const [bin, count] of sketchOf(b)) add(sketch, bin, count);
      const sorted = [...a, ...b].toSorted((x, y) => x - y);
      const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
      expect(Math.abs((quantile(sketch, q) ?? Number.NaN) - exact)).toBeLessThanOrEqual(relativeError * exact * 1.000_001);
    }),
  );
});

test("durations that are taken back leave nothing", () => {
  fc.assert(
    fc.property(fc.array(ms, { maxLength: 30 }), (durations) => {
      const sketch = sketchOf(durations);
      for (const one of durations) add(sketch, binOf(one), -1);
      expect(sketch.size).toBe(0);
      expect(quantile(sketch, 0.5)).toBeNull();
    }),
  );
});
