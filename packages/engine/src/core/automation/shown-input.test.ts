import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import type { StepGraph } from "../model/automation.js";
import type { JsonObject } from "../model/json.js";
import type { RunEvent, RunSnapshot } from "../model/run.js";
import { advance } from "./advance.js";
import { newRun } from "./new-run.js";
import { shownInputs } from "./shown-input.js";

function graphOf(steps: readonly JsonObject[]): StepGraph {
  const inputs = { name: { type: "string" }, list: { type: "array" }, pin: { type: "string", secret: true } };
  const result = compile({ weft: 1, kind: "automation", key: "a", name: "A", inputs, steps });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const graph = result.machine.states.get("running")?.run?.graph;
  if (!graph) throw new Error("The automation has no steps.");
  return graph;
}

function runOf(graph: StepGraph, inputs: JsonObject, events: readonly RunEvent[] = []): RunSnapshot {
  let run = newRun(graph, inputs, {});
  for (const event of [{ kind: "started" } as const, ...events]) {
    const advanced = advance(graph, run, event, "2026-03-01T09:00:00.000Z");
    if (!advanced.isStale) run = advanced.run;
  }
  return run;
}

const inputOf = (graph: StepGraph, run: RunSnapshot, id: string): unknown => {
  const step = run.steps.get(id);
  return step && shownInputs(graph, run)(step, 20_000);
};
const http = (id: string, url: string, more: JsonObject = {}): JsonObject => ({ id, type: "http", with: { url, ...more } });

test("a step that has begun shows what its templates gave, and one that has not shows nothing", () => {
  const graph = graphOf([http("first", "https://x.example/{{ inputs.name }}"), http("second", "https://x.example/2")]);
  const run = runOf(graph, { name: "Ada" }, [{ kind: "begun", step: "first" }]);
  expect(inputOf(graph, run, "first")).toEqual({ url: "https://x.example/Ada" });
  expect(inputOf(graph, run, "second")).toBeNull();
});

test("secrets are replaced before the templates are evaluated, so no part of a value can show", () => {
  const graph = graphOf([
    http("send", "https://x.example", {
      headers: { one: "Bearer {{ secrets.token }}", two: "{{ inputs.pin }}" },
      body: '{{ secrets.token == "x" }}',
    }),
  ]);
  const run = runOf(graph, {}, [{ kind: "begun", step: "send" }]);
  expect(inputOf(graph, run, "send")).toEqual({
    url: "https://x.example",
    headers: { one: "Bearer [secret token]", two: "[secret inputs.pin]" },
    body: false,
  });
});

test("an item of a list shows its own input, and the step of the list none", () => {
  const each = { for_each: { in: "{{ inputs.list }}", as: "region" } };
  const graph = graphOf([{ ...http("deploy", "https://x.example/{{ region }}/{{ index }}"), ...each }]);
  const run = runOf(graph, { list: ["north", "south"] }, [{ kind: "begun", step: "deploy[0]" }]);
  expect(inputOf(graph, run, "deploy[0]")).toEqual({ url: "https://x.example/north/0" });
  expect(inputOf(graph, run, "deploy")).toBeNull();
});

test("a long input is cut off", () => {
  const graph = graphOf([{ id: "set", type: "set", with: { values: { text: "{{ inputs.name }}" } } }]);
  const run = runOf(graph, { name: "x".repeat(50_000) });
  const { values } = inputOf(graph, run, "set") as { values: { text: string } };
  expect(values.text).toMatch(/^x{19900,20000}…$/);
});

test("an input for which no characters are left is not rendered", () => {
  const graph = graphOf([http("first", "https://x.example/{{ inputs.name }}")]);
  const run = runOf(graph, {}, [{ kind: "begun", step: "first" }]);
  const step = run.steps.get("first");
  if (!step) throw new Error("There is no step.");
  // It cannot be rendered, because the input has no value.
  expect([shownInputs(graph, run)(step, 1), shownInputs(graph, run)(step, 0)]).toEqual([null, "…"]);
});
