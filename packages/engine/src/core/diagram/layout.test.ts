import { computedMs } from "@weft/testkit/cost/computed-ms";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Drawing } from "./drawing.js";
import { layOutLayers } from "./layered-layout.js";
import { effortOf } from "./layout-effort.js";
import { layOut, MAX_EFFORT } from "./layout.js";
import { layOutList } from "./list-layout.js";
import type { Box, Graph, Layout, Point } from "./placement.js";

type Edge = readonly [from: number, to: number];

const graphOf = (count: number, edges: readonly Edge[]): Graph => ({
  initial: 0,
  stateWidths: Array.from({ length: count }, (_, index) => 72 + 2 * (index % 20)),
  transitions: edges.map(([from, to], index) => ({ from, to, labelWidth: 30 + 6 * (index % 30) })),
});

const graphs = fc
  .integer({ min: 1, max: 14 })
  .chain((count) => fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }).map((edges) => graphOf(count, edges)));

/** Returns whether a line runs through the inside of a box: clips each part of the line at the four sides. */
function runsThrough(points: readonly Point[], { x, y, width, height }: Box): boolean {
  return points.slice(1).some((to, index) => {
    const from = points[index] ?? to;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    let [first, last] = [0, 1];
    for (const [step, room] of [
      [-dx, from.x - x - 1],
      [dx, x + width - 1 - from.x],
      [-dy, from.y - y - 1],
      [dy, y + height - 1 - from.y],
    ] as const) {
      if (step < 0) first = Math.max(first, room / step);
      else if (step > 0) last = Math.min(last, room / step);
      else if (room < 0) return false;
    }
    return first < last;
  });
}

const isApart = (one: Box, two: Box): boolean =>
  one.x >= two.x + two.width || two.x >= one.x + one.width || one.y >= two.y + two.height || two.y >= one.y + one.height;

function expectReadable({ states, transitions, start, width, height }: Layout): void {
  const boxes = [...states, ...transitions.map(({ label }) => label)];
  const lines = [...transitions, { points: start, label: null }];
  expect(boxes.filter(({ x, y, width: w, height: h }) => x < 0 || y < 0 || x + w > width || y + h > height)).toEqual([]);
  expect(lines.filter(({ points }) => points.some(({ x, y }) => x < 0 || y < 0 || x > width || y > height))).toEqual([]);
  expect(boxes.filter((one, index) => boxes.slice(index + 1).some((two) => !isApart(one, two)))).toEqual([]);
  expect(lines.filter(({ points, label }) => boxes.some((box) => box !== label && runsThrough(points, box)))).toEqual([]);
}

function isOnBorder(point: Point | undefined, box: Box | undefined): boolean {
  if (!point || !box) return false;
  const [x, y] = [point.x - box.x, point.y - box.y];
  return ((x === 0 || x === box.width) && y >= 0 && y <= box.height) || ((y === 0 || y === box.height) && x >= 0 && x <= box.width);
}

describe.each([
  ["layers", layOutLayers],
  ["a list", layOutList],
])("in %s", (_kind, layOutGraph) => {
  test("no boxes or labels overlap, and no line runs through a box or another label", () => {
    fc.assert(
      fc.property(graphs, (graph) => expectReadable(layOutGraph(graph))),
      { numRuns: 100 },
    );
  });

  test("each line leads from the border of one state to the border of the other, through its label", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { states, transitions } = layOutGraph(graph);
        for (const [index, { points, label }] of transitions.entries()) {
          const { from, to } = graph.transitions[index] ?? { from: 0, to: 0 };
          expect(isOnBorder(points.at(0), states[from])).toBe(true);
          expect(isOnBorder(points.at(-1), states[to])).toBe(true);
          expect(runsThrough(points, label)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("a line leads from the dot to the initial state", () => {
    const { states, start } = layOutGraph(
      graphOf(3, [
        [1, 0],
        [2, 0],
        [0, 1],
        [1, 2],
      ]),
    );
    expect(start.length).toBeGreaterThan(1);
    expect(isOnBorder(start.at(-1), states[0])).toBe(true);
    expect(layOutGraph({ ...graphOf(3, [[0, 1]]), initial: null }).start).toEqual([]);
  });

  test("the same graph has the same layout, whatever was laid out before", { tags: "slow" }, () => {
    fc.assert(
      fc.property(graphs, graphs, (graph, other) => {
        const first = layOutGraph(graph);
        layOutGraph(other);
        expect(layOutGraph(structuredClone(graph))).toEqual(first);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the effort", () => {
  const chain = (count: number, more: readonly Edge[] = []): Graph =>
    graphOf(count, [...Array.from({ length: count - 1 }, (_, index) => [index, index + 1] as const), ...more]);

  test("counts states, labels and the rows that transitions pass", () => {
    expect(effortOf(graphOf(1, []))).toBe(1);
    expect(effortOf(graphOf(1, [[0, 0]]))).toBe(3);
    expect(effortOf(chain(3))).toBe(3 + 2 * 2 + 2 * 2);
    expect(effortOf(chain(3, [[0, 2]]))).toBe(3 + 2 * 3 + 2 * 4);
  });

  test("counts a transition back like one down", () => {
    expect(effortOf(chain(5, [[4, 0]]))).toBe(effortOf(chain(5, [[0, 4]])));
  });

  test("of a very large graph is not computed", () => {
    expect(effortOf(chain(50_000))).toBe(Infinity);
  });
});

describe("a drawing", () => {
  const drawingOf = (count: number, edges: readonly Edge[]): Drawing => ({
    title: "Drawing",
    isOfInstance: false,
    states: Array.from({ length: count }, (_, index) => ({
      name: `s${index}`,
      title: "",
      final: null,
      isInitial: index === 0,
      mark: "none",
    })),
    transitions: edges.map(([from, to], index) => ({ from: `s${from}`, to: `s${to}`, name: `t${index}`, title: "", fired: 0 })),
  });
  const layOutDrawing = (count: number, edges: readonly Edge[]): Layout =>
    layOut(drawingOf(count, edges), { stateWidths: Array.from({ length: count }, () => 100), labelWidths: edges.map(() => 60) });
  const isList = ({ states }: Layout): boolean => states.every(({ x }) => x === states[0]?.x);
  const tree = (count: number): Edge[] => Array.from({ length: count - 1 }, (_, index) => [index >> 1, index + 1]);

  test("of usual size is laid out in layers, a larger one as a list", () => {
    expect(isList(layOutDrawing(50, tree(50)))).toBe(false);
    expect(isList(layOutDrawing(500, tree(500)))).toBe(true);
  });

  test.each<[string, number, (index: number, count: number) => Edge]>([
    ["transitions between all states", 40, (index, count) => [index % count, Math.floor(index / count) % count]],
    [
      "long transitions down and back",
      100,
      (index, count) => (index < count - 1 ? [index, index + 1] : index % 2 ? [0, count - 1] : [count - 1, 0]),
    ],
    ["transitions to two states", 200, (index, count) => [index % count, index % 2]],
    ["transitions between two halves", 60, (index, count) => [index % (count / 2), count / 2 + ((index * 7) % (count / 2))]],
    ["parallel transitions", 2, () => [0, 1]],
    ["loops", 10, (index) => [index % 10, index % 10]],
  ])("just below the limit takes less than a second of processor time: %s", (_what, count, edgeAt) => {
    const edges: Edge[] = [];
    while (effortOf(graphOf(count, edges)) <= MAX_EFFORT) edges.push(edgeAt(edges.length, count));
    const before = computedMs();
    const layout = layOutDrawing(count, edges.slice(0, -1));
    // A multiple of the time on a busy machine.
    expect(computedMs() - before).toBeLessThan(1_000);
    expectReadable(layout);
  });
});
