import { expect, test } from "vitest";
import type { StepGraph } from "../model/automation.js";
import type { JsonObject } from "../model/json.js";
import type { RunEffect, RunEvent, RunSnapshot } from "../model/run.js";
import { advance } from "./advance.js";
import { compile } from "../definition/compile.js";
import { newRun } from "./new-run.js";

const NOW = "2026-03-01T09:00:00.000Z";

function automationOf(steps: readonly JsonObject[], outputs: JsonObject = {}): StepGraph {
  const inputs = { list: { type: "array" }, name: { type: "string" } };
  const result = compile({ weft: 1, kind: "automation", key: "a", name: "A", inputs, steps, outputs });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const graph = result.machine.states.get("running")?.run?.graph;
  if (!graph) throw new Error("The automation has no steps.");
  return graph;
}

const http = (id: string, more: JsonObject = {}): JsonObject => ({ id, type: "http", with: { url: "https://x.example" }, ...more });

/** Lets events happen one after the other, and returns the run with the effects of all of them. */
function after(automation: StepGraph, events: readonly RunEvent[], inputs: JsonObject = {}): { run: RunSnapshot; effects: RunEffect[] } {
  let run = newRun(automation, inputs, {});
  const effects: RunEffect[] = [];
  for (const event of [{ kind: "started" } as const, ...events]) {
    const advanced = advance(automation, run, event, NOW);
    if (advanced.isStale) throw new Error(`stale: ${JSON.stringify(event)}`);
    run = advanced.run;
    effects.push(...advanced.effects);
  }
  return { run, effects };
}

const statuses = ({ steps }: RunSnapshot): Record<string, string> =>
  Object.fromEntries([...steps.values()].map(({ id, status }) => [id, status]));
const done = (step: string, outputs: JsonObject = {}): RunEvent[] => [
  { kind: "begun", step },
  { kind: "succeeded", step, attempt: 1, outputs },
];
const failed = (step: string, attempt = 1, code = "REFUSED"): RunEvent[] => [
  { kind: "begun", step },
  { kind: "failed", step, attempt, error: { code, message: "no", isFinal: false } },
];

test("steps that depend on nothing begin together, the others after those that they depend on", () => {
  const automation = automationOf([http("a", { depends_on: [] }), http("b", { depends_on: [] }), http("c", { depends_on: ["a", "b"] })]);
  expect(statuses(after(automation, []).run)).toEqual({ a: "READY", b: "READY", c: "PENDING" });
  expect(statuses(after(automation, [...done("a"), ...done("b")]).run)).toEqual({ a: "SUCCEEDED", b: "SUCCEEDED", c: "READY" });
});

test("a step whose condition does not hold is skipped, and with it those that depend on it and have none", () => {
  const automation = automationOf([
    { id: "tests", type: "script", with: { command: ["t"] } },
    http("deploy", { when: "steps.tests.exit_code == 0" }),
    http("smoke"),
    http("tell", { when: 'steps.deploy.status == "SKIPPED"' }),
  ]);
  const { run } = after(automation, done("tests", { exit_code: 1 }));
  expect(statuses(run)).toEqual({ tests: "SUCCEEDED", deploy: "SKIPPED", smoke: "SKIPPED", tell: "READY" });
});

test("a failed attempt is repeated later and later, and only after the errors that are named", () => {
  const automation = automationOf([
    http("a", { retry: { attempts: 4, delay: "10s", backoff: "exponential", max_delay: "15s", on: ["BUSY"] } }),
  ]);
  const attempts = [1, 2].flatMap((attempt) => failed("a", attempt, "BUSY"));
  expect(after(automation, attempts.slice(0, 2)).run.steps.get("a")).toMatchObject({
    status: "READY",
    notBefore: "2026-03-01T09:00:10.000Z",
  });
  expect(after(automation, attempts).run.steps.get("a")?.notBefore).toBe("2026-03-01T09:00:15.000Z");
  expect(after(automation, failed("a")).run).toMatchObject({ status: "FAILED", ending: { step: "a" } });
});

test("a failure stops what is at work, cancels what has not begun, and then ends the run", () => {
  const automation = automationOf([http("a", { depends_on: [] }), http("b", { depends_on: [] }), http("c")]);
  const { run, effects } = after(automation, [{ kind: "begun", step: "b" }, ...failed("a")]);
  expect(run.status).toBe("STOPPING");
  expect(effects).toEqual([{ kind: "stop", steps: ["b"] }]);
  const stopped = advance(automation, run, { kind: "stopped", step: "b", attempt: 1 }, NOW);
  expect(stopped.isStale ? null : [stopped.run.status, statuses(stopped.run)]).toEqual([
    "FAILED",
    { a: "FAILED", b: "CANCELLED", c: "CANCELLED" },
  ]);
});

test("a step that is not critical fails without the run, and shows its error", () => {
  const automation = automationOf([http("a", { critical: false }), http("b", { when: 'steps.a.error.code == "REFUSED"' })]);
  expect(statuses(after(automation, failed("a")).run)).toEqual({ a: "FAILED", b: "READY" });
});

test("what a failed run did is undone from the last step to the first", () => {
  const undo = { compensate: { type: "http", with: { url: "https://x.example/undo" } } };
  const automation = automationOf([http("a", undo), http("b", undo), http("c", { on_failure: "compensate" })]);
  const events = [...done("a"), ...done("b"), ...failed("c")];
  const { run } = after(automation, [
    ...events,
    { kind: "compensationBegun", step: "b" },
    { kind: "compensated", step: "b", attempt: 1 },
    { kind: "compensationBegun", step: "a" },
  ]);
  expect(run.status).toBe("COMPENSATING");
  const last = advance(automation, run, { kind: "compensated", step: "a", attempt: 1 }, NOW);
  expect(last.isStale ? null : last.run.status).toBe("FAILED");
});

test("another automation does the work of a step that has failed, and gives it its outputs", () => {
  const fallback = { workflow: "by-hand", inputs: { why: "{{ steps.a.error.message }}" } };
  const automation = automationOf([
    http("a", { on_failure: fallback }),
    { id: "b", type: "set", with: { values: { x: "{{ steps.a.outputs.by }}" } } },
  ]);
  const { run, effects } = after(automation, [...failed("a"), { kind: "succeeded", step: "a", attempt: 2, outputs: { by: "hand" } }]);
  expect(effects).toEqual([{ kind: "fallBack", step: "a", key: "by-hand", inputs: { why: "no" } }]);
  expect(run).toMatchObject({ status: "SUCCEEDED" });
  expect(run.steps.get("b")?.outputs).toEqual({ x: "hand" });
});

test("a step that loses its worker three times becomes an incident instead of a loop, and continues when it is resolved", () => {
  const automation = automationOf([http("a", { retry: 10 })]);
  const lost = [1, 2, 3].flatMap((attempt): RunEvent[] => [
    { kind: "begun", step: "a" },
    { kind: "lost", step: "a", attempt },
  ]);
  expect(after(automation, lost.slice(0, 4)).run.steps.get("a")?.status).toBe("READY");
  const { run, effects } = after(automation, lost);
  expect(run.steps.get("a")).toMatchObject({ status: "WAITING", isParked: true, attempt: 4 });
  expect(effects).toEqual([expect.objectContaining({ kind: "incident", step: "a" })]);
  const resolved = (isRetried: boolean): RunEvent => ({ kind: "resolved", step: "a", attempt: 4, isRetried });
  expect(after(automation, [...lost, resolved(true)]).run.steps.get("a")).toMatchObject({ status: "READY", lost: 0, isParked: false });
  expect(after(automation, [...lost, resolved(false)]).run).toMatchObject({ status: "FAILED", ending: { step: "a" } });
});

test("a step that cannot begin waits for a decision, without an attempt, while the others go on", () => {
  const automation = automationOf([http("a", { depends_on: [] }), http("b", { depends_on: [] })]);
  const error = { code: "SECRET_UNREADABLE", message: "No key.", isFinal: true };
  const parked: RunEvent = { kind: "parked", step: "a", error };
  const { run, effects } = after(automation, [parked, ...done("b")]);
  expect(effects).toEqual([{ kind: "incident", step: "a", message: "No key." }]);
  expect(run).toMatchObject({ status: "RUNNING" });
  expect(run.steps.get("a")).toMatchObject({ status: "WAITING", isParked: true, attempt: 0, error });
  expect(advance(automation, run, parked, NOW)).toEqual({ isStale: true });
  const resolved = (isRetried: boolean): RunEvent => ({ kind: "resolved", step: "a", attempt: 0, isRetried });
  expect(after(automation, [parked, ...done("b"), resolved(true), ...done("a")]).run.status).toBe("SUCCEEDED");
  expect(after(automation, [parked, ...done("b"), resolved(false)]).run).toMatchObject({ status: "FAILED", ending: { step: "a" } });
  expect(after(automation, [parked, ...done("b"), { kind: "cancel" }]).run.status).toBe("CANCELLED");
});

test("an attempt that finds a cause which somebody can remove waits for a decision, unless the author has said what happens without the step", () => {
  const error = { code: "MODEL_KEY_REFUSED", message: "Wrong key.", isFinal: true };
  const parked: RunEvent[] = [
    { kind: "begun", step: "a" },
    { kind: "parked", step: "a", attempt: 1, error },
  ];
  const automation = automationOf([http("a", { retry: 3 })]);
  const { run, effects } = after(automation, parked);
  expect(effects).toEqual([{ kind: "incident", step: "a", message: "Wrong key." }]);
  expect(run.steps.get("a")).toMatchObject({ status: "WAITING", isParked: true, attempt: 2, failures: 0, error });
  expect(advance(automation, run, { kind: "succeeded", step: "a", attempt: 1, outputs: {} }, NOW)).toEqual({ isStale: true });
  const resolved: RunEvent = { kind: "resolved", step: "a", attempt: 2, isRetried: true };
  const again: RunEvent[] = [
    { kind: "begun", step: "a" },
    { kind: "succeeded", step: "a", attempt: 3, outputs: {} },
  ];
  expect(after(automation, [...parked, resolved, ...again]).run.status).toBe("SUCCEEDED");
  expect(after(automation, [...parked, { ...resolved, isRetried: false }]).run).toMatchObject({ status: "FAILED", ending: { step: "a" } });
  expect(after(automationOf([http("a", { critical: false })]), parked).run).toMatchObject({ status: "SUCCEEDED" });
  expect(after(automationOf([http("a", { on_failure: { workflow: "by-hand" } })]), parked).effects).toMatchObject([{ kind: "fallBack" }]);
  const named = automationOf([http("a", { retry: { attempts: 2, on: ["MODEL_KEY_REFUSED"] } })]);
  expect(after(named, parked).run.steps.get("a")).toMatchObject({ status: "READY", failures: 1 });
  expect(after(automation, [{ kind: "begun", step: "a" }, { kind: "cancel" }, ...parked.slice(1)]).run.status).toBe("CANCELLED");
});

test("a step that a limit postpones says why until it begins, without an attempt", () => {
  const automation = automationOf([http("a")]);
  const error = { code: "RATE_LIMITED", message: "Too many.", isFinal: false };
  const until = "2026-03-01T09:01:00Z";
  const postponed: RunEvent = { kind: "postponed", step: "a", isCompensation: false, until, error };
  const { run, effects } = after(automation, [postponed]);
  expect(effects).toEqual([]);
  expect(run.steps.get("a")).toMatchObject({ status: "READY", attempt: 0, failures: 0, notBefore: until, error });
  const begun = after(automation, [postponed, { kind: "begun", step: "a" }]).run;
  expect(begun.steps.get("a")).toMatchObject({ status: "RUNNING", attempt: 1, notBefore: null, error: null });
  expect(advance(automation, begun, postponed, NOW)).toEqual({ isStale: true });
});

test("a list gives its results in order, whatever the order in which its items end", () => {
  const automation = automationOf([http("a", { for_each: { in: "{{ inputs.list }}", as: "x", concurrency: 2 } })], {
    all: "{{ steps.a.outputs.items }}",
  });
  const { run } = after(automation, [...done("a[1]", { n: 1 }), ...done("a[0]", { n: 0 }), ...done("a[2]", { n: 2 })], {
    list: ["x", "y", "z"],
  });
  expect(run.status).toBe("SUCCEEDED");
  expect(run.outputs).toEqual({ all: [{ n: 0 }, { n: 1 }, { n: 2 }] });
});

test("steps that only compute are done at once, also for each item", () => {
  const automation = automationOf([
    { id: "a", type: "set", for_each: "{{ inputs.list }}", with: { values: { twice: "{{ item * 2 }}" } } },
    { id: "b", type: "assert", with: { that: "{{ steps.a.outputs.count == 2 }}" } },
  ]);
  const { run } = after(automation, [], { list: [1, 2] });
  expect(run.status).toBe("SUCCEEDED");
  expect(run.steps.get("a")?.outputs).toMatchObject({ items: [{ twice: 2 }, { twice: 4 }] });
});

test("an assertion that does not hold fails the run with its message", () => {
  const automation = automationOf([
    { id: "a", type: "assert", with: { that: '{{ inputs.name == "x" }}', message: "Not {{ inputs.name }}" } },
  ]);
  expect(after(automation, [], { name: "y" }).run.steps.get("a")?.error).toMatchObject({ code: "ASSERTION_FAILED", message: "Not y" });
});

test("a paused run begins no step, and continues when it is resumed", () => {
  const automation = automationOf([http("a"), http("b")]);
  const paused: RunEvent[] = [{ kind: "begun", step: "a" }, { kind: "pause" }, { kind: "succeeded", step: "a", attempt: 1, outputs: {} }];
  expect(statuses(after(automation, paused).run)).toEqual({ a: "SUCCEEDED", b: "PENDING" });
  expect(statuses(after(automation, [...paused, { kind: "resume" }]).run)).toEqual({ a: "SUCCEEDED", b: "READY" });
});

test("a step that comes to wait while the run stops is canceled, with what it waits for", () => {
  const automation = automationOf([http("a", { depends_on: [] }), { id: "w", type: "wait", with: { for: "30d" }, depends_on: [] }]);
  const { run, effects } = after(automation, [{ kind: "begun", step: "w" }, ...failed("a"), { kind: "waits", step: "w", attempt: 1 }]);
  expect(run.status).toBe("FAILED");
  expect(statuses(run)).toEqual({ a: "FAILED", w: "CANCELLED" });
  expect(effects.at(-1)).toEqual({ kind: "stop", steps: ["w"] });
});

test("a run that stops in order to be undone is undone, although it is canceled meanwhile", () => {
  const undone = http("a", { depends_on: [], compensate: { type: "http", with: { url: "https://x.example" } } });
  const automation = automationOf([undone, http("b", { depends_on: ["a"] }), http("c", { depends_on: ["a"], on_failure: "compensate" })]);
  const { run } = after(automation, [...done("a"), { kind: "begun", step: "b" }, ...failed("c")]);
  expect(run.status).toBe("STOPPING");
  expect(advance(automation, run, { kind: "cancel" }, NOW).isStale).toBe(true);
});

test("the message of an assertion has no half of a character, where the value is cut or in a message of its own", () => {
  const automation = automationOf([{ id: "a", type: "assert", with: { that: "{{ inputs.name }}" } }]);
  const { run } = after(automation, [], { name: "\u{1F600}".repeat(60) });
  expect(run.status).toBe("FAILED");
  expect(run.steps.get("a")?.error?.message.isWellFormed()).toBe(true);
});

const UNDO: JsonObject = { compensate: { type: "http", with: { url: "https://x.example/undo" } } };

test("a step that cannot be undone keeps the run until somebody has decided, and can be tried again", () => {
  const automation = automationOf([http("a", UNDO), http("b", { on_failure: "compensate" })]);
  const undoing = (attempt: number): RunEvent[] => [
    { kind: "compensationBegun", step: "a" },
    { kind: "compensationFailed", step: "a", attempt, error: { code: "REFUSED", message: "no", isFinal: true } },
  ];
  const first = after(automation, [...done("a"), ...failed("b"), ...undoing(1)]);
  expect(first.run.status).toBe("COMPENSATING");
  expect(first.effects.at(-1)).toMatchObject({ kind: "incident", step: "a" });
  const resolved = (isRetried: boolean): RunEvent => ({ kind: "resolved", step: "a", attempt: 1, isRetried });
  const again = after(automation, [...done("a"), ...failed("b"), ...undoing(1), resolved(true), ...undoing(2), resolved(false)]);
  expect(again.run.status).toBe("FAILED");
});

test("a lost worker takes none of the attempts to undo a step, and three of them are a failure", () => {
  const automation = automationOf([http("a", UNDO), http("b", { on_failure: "compensate" })]);
  const lost = (attempt: number): RunEvent[] => [
    { kind: "compensationBegun", step: "a" },
    { kind: "compensationLost", step: "a", attempt },
  ];
  const events = [...done("a"), ...failed("b"), ...lost(1), ...lost(2)];
  expect(after(automation, events).run.steps.get("a")).toMatchObject({ compensation: "READY", failures: 0 });
  expect(after(automation, [...events, ...lost(3)]).run.steps.get("a")).toMatchObject({ compensation: "FAILED", isParked: true });
});

test("a step that its worker gives back is done again at once, and its worker does not count as lost", () => {
  const automation = automationOf([http("a")]);
  const { run } = after(automation, [
    { kind: "begun", step: "a" },
    { kind: "released", step: "a", attempt: 1, isCompensation: false },
  ]);
  expect(run.steps.get("a")).toMatchObject({ status: "READY", lost: 0, failures: 0, notBefore: null });
});
