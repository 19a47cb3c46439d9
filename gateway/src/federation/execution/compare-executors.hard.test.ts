import { randomSource } from "@weft/testkit/random-source";
import { expect, test } from "vitest";
import { compareExecutors } from "../../testing/compare-executors.js";

test.each([2, 3, 4])("random operations have the same answers from both executors (seed %i)", async (seed) => {
  const random = randomSource(seed);
  const { different, valid } = await compareExecutors({ draw: (limit) => random.below(limit), operations: 1_000 });
  expect(different).toEqual([]);
  expect(valid).toBeGreaterThan(500);
});
