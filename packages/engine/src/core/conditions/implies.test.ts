import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../model/json.js";
import { contextOf } from "./context.js";
import { evaluateCondition } from "./evaluate.js";
import { implies } from "./implies.js";
import type { Condition } from "../model/condition.js";

const comparison: fc.Arbitrary<Condition> = fc.record({
  op: fc.constantFrom("eq", "ne", "gt", "gte", "lt", "lte"),
  left: fc.constantFrom({ path: ["data", "n"] }, { path: ["data", "m"] }),
  right: fc.record({ value: fc.integer({ min: 0, max: 3 }) }),
});
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small" },
    comparison,
    fc.record({ op: fc.constantFrom("and", "or"), args: fc.array(tie("condition"), { maxLength: 3 }) }),
    fc.record({ op: fc.constant("not"), arg: tie("condition") }),
    fc.record({ op: fc.constant("has"), path: fc.constant(["data", "m"]) }),
  ),
}));
const data = fc.record(
  { n: fc.integer({ min: -1, max: 4 }), m: fc.oneof(fc.integer({ min: -1, max: 4 }), fc.constant("x")) },
  { requiredKeys: [] },
);

const actor = { id: "ana", roles: [], permissions: [], principals: { userIds: [], teamIds: [], vendorId: null } };
const subject = { state: "open", version: 1, ownerId: null, teamId: null, assignee: null };
const holds = (tree: Condition, values: JsonObject) =>
  evaluateCondition(tree, contextOf(subject, { data: values, actor, now: "2026-03-01T00:00:00Z" })).holds;

test("for any data, a condition holds if implies says that it follows", () => {
  let followed = 0;
  fc.assert(
    fc.property(condition, condition, fc.array(data, { minLength: 5, maxLength: 5 }), (a, b, samples) => {
      if (!implies(a, b, { steps: 1000 })) return;
      followed++;
      for (const sample of samples) if (holds(a, sample)) expect(holds(b, sample)).toBe(true);
    }),
    { numRuns: 2000 },
  );
  expect(followed).toBeGreaterThan(50);
});

test("implies misses nothing between two comparisons with numbers", () => {
  const numbers = Array.from({ length: 19 }, (_, index) => index / 2 - 2);
  fc.assert(
    fc.property(comparison, comparison, (a, b) => {
      if (!("left" in a) || !("left" in b) || JSON.stringify(a.left) !== JSON.stringify(b.left)) return;
      const follows = numbers.every((n) => !holds(a, { n, m: n }) || holds(b, { n, m: n }));
      expect(implies(a, b, { steps: 10 })).toBe(follows);
    }),
    { numRuns: 500 },
  );
});
