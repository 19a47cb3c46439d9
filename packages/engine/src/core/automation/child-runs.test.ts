import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import type { Machine } from "../model/machine.js";
import { checkInput } from "./check-input.js";
import { resultOfChild, ruleOfStep, stepOfRule } from "./child-runs.js";
import { startsOfSteps } from "./step-starts.js";

function machineOf(document: object): Machine {
  const result = compile({ weft: 1, name: "A", ...document });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.machine;
}

const automation = machineOf({
  kind: "automation",
  key: "a",
  inputs: { name: { type: "string" } },
  steps: [
    {
      id: "ask",
      type: "workflow",
      with: { key: "other", inputs: { name: "x" } },
      compensate: { type: "workflow", with: { key: "undo" } },
    },
    { id: "call", type: "http", with: { url: "https://x.example" }, on_failure: { workflow: "rescue" } },
    { id: "open", type: "workflow", with: { key: "{{ inputs.name }}", inputs: { name: "{{ inputs.name }}" } } },
  ],
});
const decision = machineOf({
  key: "decision",
  initial: "open",
  states: {
    open: { transitions: { yes: { to: "done" }, no: { to: "refused" }, drop: { to: "dropped" } } },
    done: { final: "completed" },
    refused: { final: "rejected" },
    dropped: { final: "cancelled" },
  },
});

test.each([
  { step: "deploy", isCompensation: false },
  { step: "deploy[3]", isCompensation: false },
  { step: "undo", isCompensation: false },
  { step: "deploy[3]", isCompensation: true },
  { step: "undo", isCompensation: true },
])("the rule of a child says which step has started it: %j", (rule) => {
  expect(stepOfRule(ruleOfStep(rule))).toEqual(rule);
});

test("a rule of `children` belongs to no step", () => {
  expect(stepOfRule("steps")).toBeNull();
});

const ended = {
  key: "a",
  machine: automation,
  status: "COMPLETED",
  state: "succeeded",
  data: { name: "x", outputs: { n: 1 } },
  error: null,
};
const wrong = (over: object) => {
  const result = resultOfChild({ ...ended, ...over });
  return result.isDone ? result.outputs : `${result.error.code} ${result.error.isFinal ? "final" : "again"}: ${result.error.message}`;
};

test("the result of an automation is its outputs, that of another workflow its data", () => {
  expect(wrong({})).toEqual({ n: 1 });
  expect(wrong({ data: { name: "x" } })).toEqual({});
  expect(wrong({ machine: decision, state: "done" })).toEqual({ name: "x", outputs: { n: 1 } });
  expect(wrong({ machine: null })).toEqual({ name: "x", outputs: { n: 1 } });
});

test.each([
  [{ state: "failed", error: "Step b: no" }, "WORKFLOW_FAILED again: a: Step b: no"],
  [{ state: "failed" }, "WORKFLOW_FAILED again: a: It ended in the state failed."],
  [{ machine: decision, state: "refused" }, "WORKFLOW_FAILED again: a: It ended in the state refused."],
  [{ machine: decision, state: "dropped" }, "WORKFLOW_CANCELLED final: a ended in the state dropped."],
  [{ status: "CANCELLED", state: "running" }, "WORKFLOW_CANCELLED final: a was canceled."],
])("an instance that ended with %j fails its step", (over, message) => {
  expect(wrong(over)).toBe(message);
});

test("the definitions that steps start are known where their keys are written, with their places", () => {
  expect(startsOfSteps(automation)).toEqual([
    { key: "other", path: ["steps", 0, "with", "key"] },
    { key: "undo", path: ["steps", 0, "compensate", "with", "key"] },
    { key: "rescue", path: ["steps", 1, "on_failure", "workflow"] },
  ]);
  expect(startsOfSteps(decision)).toEqual([]);
});

test("the input of a step is checked and completed when its values are known", () => {
  expect(checkInput("workflow", { key: "a" })).toEqual({ ok: true, input: { key: "a", await: true } });
  expect(checkInput("workflow", { key: "A b" })).toMatchObject({ ok: false, problems: [{ path: "with.key" }] });
  expect(checkInput("custom-type", { any: 1 })).toEqual({ ok: true, input: { any: 1 } });
});

test("problems of members that can contain secrets do not quote their values", () => {
  expect(checkInput("http", { url: "https://x.example", headers: "hunter2" })).toEqual({
    ok: false,
    problems: [{ path: "with.headers", message: "The value is not valid." }],
  });
});
