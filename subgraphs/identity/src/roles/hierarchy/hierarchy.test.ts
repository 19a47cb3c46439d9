import fc from "fast-check";
import { expect, test } from "vitest";
import { cycleThrough, descendantsOf, ancestorPaths } from "./hierarchy.js";

const parents = new Map([
  ["chief", ["lead", "clerk"]],
  ["lead", ["clerk"]],
  ["clerk", ["reader"]],
]);

test("a role inherits from its parents and theirs, each by the shortest path", () => {
  expect(Object.fromEntries(ancestorPaths(parents, "chief"))).toEqual({
    chief: ["chief"],
    lead: ["chief", "lead"],
    clerk: ["chief", "clerk"],
    reader: ["chief", "clerk", "reader"],
  });
  expect([...ancestorPaths(parents, "nobody").keys()]).toEqual(["nobody"]);
  expect(descendantsOf(parents, "clerk").toSorted()).toEqual(["chief", "clerk", "lead"]);
});

test("a cycle is found with its path, including a role that inherits from itself", () => {
  expect(cycleThrough(parents, "reader", "chief")).toEqual(["reader", "chief", "clerk", "reader"]);
  expect(cycleThrough(parents, "clerk", "clerk")).toEqual(["clerk", "clerk"]);
  expect(cycleThrough(parents, "chief", "reader")).toBeNull();
});

test("parents that are added only where they close no cycle never form one, and descendants are the inverse of ancestors", () => {
  const role = fc.integer({ min: 0, max: 7 }).map(String);
  const hierarchy = fc.array(fc.tuple(role, role), { maxLength: 40 }).map((wanted) => {
    const taken = new Map<string, string[]>();
    for (const [child, parent] of wanted) if (!cycleThrough(taken, child, parent)) taken.set(child, [...(taken.get(child) ?? []), parent]);
    return taken;
  });
  fc.assert(
    fc.property(hierarchy, role, role, (taken, one, other) => {
      const [isAbove, isBelow] = [ancestorPaths(taken, one).has(other), ancestorPaths(taken, other).has(one)];
      expect(one !== other && isAbove && isBelow).toBe(false);
      expect(descendantsOf(taken, other).includes(one)).toBe(isAbove);
    }),
  );
});
