import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import type { StepGraph } from "../model/automation.js";
import type { JsonObject } from "../model/json.js";
import { toMermaid } from "./mermaid.js";
import { drawSteps } from "./steps.js";
import { toSvg } from "./svg.js";

function graphOf(steps: readonly JsonObject[]): StepGraph {
  const result = compile({ weft: 1, kind: "automation", key: "a", name: "A", steps });
  const graph = result.ok ? result.machine.states.get("running")?.run?.graph : undefined;
  if (!graph) throw new Error(JSON.stringify(result));
  return graph;
}

const wait = (id: string, more: JsonObject = {}): JsonObject => ({ id, type: "wait", with: { for: "1s" }, ...more });
const diamond = graphOf([
  wait("start", { name: 'A "quoted" <b>name</b>' }),
  wait("left", { depends_on: ["start"] }),
  wait("right", { depends_on: ["start"], for_each: [1, 2] }),
  wait("end", { depends_on: ["left", "right"] }),
]);

test("the steps of a definition are drawn with what they depend on, and their text is escaped", () => {
  const drawing = drawSteps("A", diamond);
  const svg = toSvg(drawing);
  expect([...svg.matchAll(/data-state="([^"]*)"/g)].map(([, id]) => id)).toEqual(["start", "left", "right", "end"]);
  expect([...svg.matchAll(/data-transition="([^"]*)"/g)].map(([, id]) => id)).toEqual([
    "start/left",
    "start/right",
    "left/end",
    "right/end",
  ]);
  expect(svg).toContain("<desc>4 steps and 4 dependencies.</desc>");
  expect(svg).not.toContain("<b>");
  const mermaid = toMermaid(drawing);
  expect(mermaid).toContain("  s2 --> s4\n");
  expect(mermaid).toContain("Right #215;n");
  expect(mermaid).not.toMatch(/["<]b[>"]|"quoted"/);
});

test("a run marks what has become of each step, in words and signs as well as in color", () => {
  const statuses = new Map([
    ["start", { status: "SUCCEEDED", items: 0 } as const],
    ["left", { status: "FAILED", items: 0 } as const],
    ["right", { status: "RUNNING", items: 2 } as const],
    ["end", { status: "CANCELLED", items: 0 } as const],
  ]);
  const drawing = drawSteps("A", diamond, statuses);
  expect(drawing.states.map(({ mark }) => mark)).toEqual(["visited", "failed", "current", "skipped"]);
  expect(drawing.states.map(({ title }) => title.slice(0, 2))).toEqual(["✓ ", "✗ ", "▶ ", "– "]);
  expect(toSvg(drawing)).toContain("Succeeded: start. At work: right. Failed: left. Skipped or canceled: end.");
  expect(toMermaid(drawing)).toContain("class s2 failed");
});

test("without the definition, only steps of which something has become are drawn", () => {
  const drawing = drawSteps("A", diamond, new Map([["start", { status: "RUNNING", items: 0 }]]), "begun");
  expect(drawing.states.map(({ name }) => name)).toEqual(["start"]);
  expect(drawing.transitions).toEqual([]);
});

test("the largest automation is drawn", () => {
  const svg = toSvg(drawSteps("A", graphOf(Array.from({ length: 500 }, (_, index) => wait(`s${index}`)))));
  expect(svg.match(/data-state=/g)).toHaveLength(500);
});
