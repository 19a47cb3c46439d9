import fc from "fast-check";
import { expect, test } from "vitest";
import { circleThrough, heirsOf, waysUp } from "./hierarchy.js";

const parents = new Map([
  ["chief", ["lead", "clerk"]],
  ["lead", ["clerk"]],
  ["clerk", ["reader"]],
]);

test("a role inherits from its parents and theirs, each by the shortest way", () => {
  expect(Object.fromEntries(waysUp(parents, "chief"))).toEqual({
    chief: ["chief"],
    lead: ["chief", "lead"],
    clerk: ["chief", "clerk"],
    reader: ["chief", "clerk", "reader"],
  });
  expect([...waysUp(parents, "nobody").keys()]).toEqual(["nobody"]);
  expect(heirsOf(parents, "clerk").toSorted()).toEqual(["chief", "clerk", "lead"]);
});

test("a circle is found with its way, also that of a role with itself", () => {
  expect(circleThrough(parents, "reader", "chief")).toEqual(["reader", "chief", "clerk", "reader"]);
  expect(circleThrough(parents, "clerk", "clerk")).toEqual(["clerk", "clerk"]);
  expect(circleThrough(parents, "chief", "reader")).toBeNull();
});

test("parents that are taken only where no circle closes never make one, and heirs are the inverse of ancestors", () => {
  const role = fc.integer({ min: 0, max: 7 }).map(String);
  const hierarchy = fc.array(fc.tuple(role, role), { maxLength: 40 }).map((wanted) => {
    const taken = new Map<string, string[]>();
    for (const [child, parent] of wanted) if (!circleThrough(taken, child, parent)) taken.set(child, [...(taken.get(child) ?? []), parent]);
    return taken;
  });
  fc.assert(
    fc.property(hierarchy, role, role, (taken, one, other) => {
      const [isAbove, isBelow] = [waysUp(taken, one).has(other), waysUp(taken, other).has(one)];
      expect(one !== other && isAbove && isBelow).toBe(false);
      expect(heirsOf(taken, other).includes(one)).toBe(isAbove);
    }),
  );
});
