import { expect, test } from "vitest";
import { compile } from "../../definition/compile.js";
import { parseDefinition } from "../../document/parse.js";
import { simulateRun } from "../simulation/simulate-run.js";
import { STEP_EXAMPLES } from "./examples.js";
import { STEP_TYPES } from "./step-types.js";

test("every step type has an example", () => {
  expect([...STEP_EXAMPLES.keys()].toSorted()).toEqual([...STEP_TYPES.keys()].toSorted());
});

test.each([...STEP_EXAMPLES])("the example of %s compiles, and its dry run succeeds", (type, example) => {
  const steps = example.split("\n").map((line) => `  ${line}\n`);
  const { document, problems } = parseDefinition(`weft: 1
kind: automation
key: example
name: Example
inputs: { version: { type: string }, request: { type: string } }
steps:
${steps.join("")}`);
  expect(problems).toEqual([]);
  const result = compile(document);
  expect(result.ok ? [] : result.problems).toEqual([]);
  const graph = result.ok ? result.machine.states.get("running")?.run?.graph : undefined;
  if (!graph) throw new Error("The example has no steps.");
  const inputs = { version: "v1.2.3", request: "req_1" };
  const walk = simulateRun(graph, { inputs, facts: {}, now: "2026-03-01T09:00:00.000Z", stubs: [], types: STEP_TYPES });
  let next = walk.next();
  while (next.done !== true) next = walk.next();
  const { status, steps: simulated } = next.value.report;
  expect(status, JSON.stringify(simulated)).toBe("SUCCEEDED");
  expect(simulated.map((step) => step.type)).toEqual([type]);
});
