import fc from "fast-check";
import { expect, test } from "vitest";
import { aLink, aTask } from "../fixtures/plans.js";
import { findCycle } from "./find-cycle.js";
import type { PlanDependency, PlanTask } from "./plan.js";

// a; s contains b and t, which contains c and d; e.
const tasks = [
  aTask("a", 60),
  aTask("s", 0),
  aTask("b", 60, { parentId: "s" }),
  aTask("t", 0, { parentId: "s" }),
  aTask("c", 60, { parentId: "t" }),
  aTask("d", 60, { parentId: "t" }),
  aTask("e", 60),
];

test.each<[string, string[], string[] | null]>([
  ["no dependency", [], null],
  ["a chain", ["a FS b", "b FS e", "a FS e"], null],
  ["a task that follows itself", ["a FS a"], ["a"]],
  ["two tasks that follow each other", ["e SS a", "a FF e"], ["a", "e"]],
  ["a circle behind a chain, from its first task in the plan", ["a FS b", "e FS c", "c FS b", "b FS e"], ["b", "e", "c"]],
  ["a task that follows a summary task which contains it", ["s FS c"], ["s", "c"]],
  ["a summary task that follows a task which it contains", ["c FS s"], ["s", "c"]],
  ["a summary task that follows one which it contains", ["t SS s"], ["s", "t"]],
  ["a circle through a summary task", ["a FS t", "c FS e", "e FS a"], ["a", "t", "c", "e"]],
  ["a circle through a whole summary task", ["a FS s", "s FS a"], ["a", "s"]],
  ["children of a summary task that follow each other", ["b FS t", "c FS d"], null],
  ["a summary task between two children of another", ["b FS a", "a FS t"], null],
])("%s", (_name, links, cycle) => {
  expect(findCycle(tasks, links.map(aLink))).toEqual(cycle);
});

test("summary tasks that contain each other are a circle, too", () => {
  expect(findCycle([aTask("x", 0, { parentId: "y" }), aTask("y", 0, { parentId: "x" })], [])).toEqual(["x", "y"]);
});

test("a chain of 20,000 tasks does not exhaust the call stack", () => {
  const chain = Array.from({ length: 20_000 }, (_, index) => aTask(`t${index}`, 60));
  const links = chain.map(({ id }, index): PlanDependency => ({
    predecessorId: id,
    successorId: `t${index + 1}`,
    kind: "FS",
    lagMinutes: 0,
  }));
  expect(findCycle(chain, links.slice(0, -1))).toBeNull();
  const circle = findCycle(chain, [...links.slice(0, -1), { predecessorId: "t19999", successorId: "t0", kind: "FS", lagMinutes: 0 }]);
  expect(circle).toEqual(chain.map(({ id }) => id));
});

const shapes = fc.record({
  parents: fc.array(fc.integer({ min: -2, max: 6 }), { minLength: 1, maxLength: 8 }),
  links: fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 9 }),
});

test("there is a cycle exactly if the dependencies, written out for all children, have one, and each of its steps is a dependency or a child", () => {
  let cycles = 0;
  fc.assert(
    fc.property(shapes, ({ parents, links }) => {
      const all = parents.map((parent, index) => aTask(`t${index}`, 60, { parentId: parent >= 0 && parent < index ? `t${parent}` : null }));
      const dependencies = links.map(([from, to]) => aLink(`t${from % all.length} FS t${to % all.length}`));
      const cycle = findCycle(all, dependencies);
      expect(cycle !== null).toBe(hasCycle(all, dependencies));
      if (cycle === null) return;
      cycles++;
      for (const [index, id] of cycle.entries()) {
        const next = cycle[(index + 1) % cycle.length] ?? "";
        const isLink = dependencies.some(({ predecessorId, successorId }) => predecessorId === id && successorId === next);
        const isTree =
          above(all, id).includes(next) || above(all, next).includes(id) || below(all, id).some((leaf) => below(all, next).includes(leaf));
        expect([id, next, isLink || isTree]).toEqual([id, next, true]);
      }
    }),
    { numRuns: 500 },
  );
  expect(cycles).toBeGreaterThan(50);
});

function above(all: readonly PlanTask[], id: string): string[] {
  const parent = all.find((task) => task.id === id)?.parentId ?? null;
  return parent === null ? [] : [parent, ...above(all, parent)];
}

const below = (all: readonly PlanTask[], id: string): string[] =>
  all
    .filter((task) => !all.some(({ parentId }) => parentId === task.id) && (task.id === id || above(all, task.id).includes(id)))
    .map((task) => task.id);

/** Deletes tasks without successors until nothing is left but circles. */
function hasCycle(all: readonly PlanTask[], dependencies: readonly PlanDependency[]): boolean {
  let pairs = dependencies.flatMap(({ predecessorId, successorId }) =>
    below(all, predecessorId).flatMap((from) => below(all, successorId).map((to) => [from, to] as const)),
  );
  for (let size = -1; size !== pairs.length;) {
    size = pairs.length;
    const leading = new Set(pairs.map(([from]) => from));
    pairs = pairs.filter(([, to]) => leading.has(to));
  }
  return pairs.length > 0;
}
