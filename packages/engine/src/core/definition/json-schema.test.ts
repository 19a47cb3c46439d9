import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { parseDefinition } from "../document/parse.js";
import { completeAutomation } from "../fixtures/complete-automation.js";
import { publishedSteps } from "../fixtures/published-steps.js";

const schema = JSON.parse(readFileSync(new URL("../../../schema/definition.schema.json", import.meta.url), "utf8")) as object;
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
const examples = new URL("../../../../../examples/", import.meta.url);
const exampleFiles = ["definitions", "automations"].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, examples)).map((file) => `${folder}/${file}`),
);

test.each(exampleFiles)("the published JSON Schema accepts %s", (file) => {
  const { document } = parseDefinition(readFileSync(new URL(file, examples), "utf8"));
  validate(document);
  expect(validate.errors).toBeNull();
});

const transition = (more: object): object => ({
  weft: 1,
  key: "a",
  name: "A",
  initial: "s",
  states: { s: { transitions: { t: { to: "e", ...more } } }, e: { final: "completed" } },
});

test("the published JSON Schema describes the input of every step type as the step type declares it", () => {
  const { $defs } = schema as { readonly $defs: { readonly [name: string]: unknown } };
  const { stepType, stepWith } = $defs;
  expect({ stepType, stepWith }).toEqual(publishedSteps());
});

const automation = (step: object, more: object = {}): object => ({
  weft: 1,
  kind: "automation",
  key: "a",
  name: "A",
  inputs: { n: { type: "integer" }, list: { type: "array" }, text: { type: "string" } },
  steps: [{ id: "one", type: "set", with: { values: {} }, ...step }],
  ...more,
});

const scenario = (more: object): object => automation({}, { scenarios: [{ name: "S", expect: { status: "SUCCEEDED" }, ...more }] });

// oxlint-disable-next-line unicorn/no-thenable -- a key of the definition format
const withThen = (then: string, more: object = {}): object => ({ then, ...more });

const withRun = (run: object): object => ({
  weft: 1,
  key: "a",
  name: "A",
  data: { properties: { out: { type: "object", additionalProperties: true } } },
  initial: "s",
  states: {
    s: { run: { steps: [{ id: "one", type: "wait", with: { for: "1m" } }], ...run }, transitions: { t: { to: "e", auto: "run" } } },
    e: { final: "completed" },
  },
});

test.each<[string, object]>([
  ["an unknown kind", { ...automation({}), kind: "automatic" }],
  ["states of an automation", automation({}, { states: {} })],
  ["steps of a workflow with states", { ...transition({}), steps: [] }],
  ["no steps", automation({}, { steps: [] })],
  ["an unknown step type", automation({ type: "htpp" })],
  ["an unknown member of a step", automation({ depend_on: [] })],
  ["an unknown member of with", automation({ type: "http", with: { url: "https://a.com", verb: "GET" } })],
  ["a missing member of with", automation({ type: "http", with: {} })],
  ["a step without its input", automation({ type: "http", with: undefined })],
  ["a wrong value in with", automation({ type: "http", with: { url: "https://a.com", method: "FETCH" } })],
  ["an unknown member of an approval", automation({ type: "wait", with: { approval: { roles: ["a"], role: "b" } } })],
  ["a wrong value in the work that undoes a step", automation({ compensate: { type: "http", with: { url: 1 } } })],
  ["a condition of the work that undoes a step", automation({ compensate: { type: "wait", with: { for: "1m" }, when: "true" } })],
  ["an ID with a space", automation({ id: "a b" })],
  ["a timeout that is no duration", automation({ timeout: "soon" })],
  ["a retry without a limit", automation({ retry: { attempts: "all" } })],
  ["an unknown backoff", automation({ retry: { backoff: "random" } })],
  ["a code of an error in lower case", automation({ retry: { on: ["timeout"] } })],
  ["an unknown reaction to a failure", automation({ on_failure: "ignore" })],
  ["a reaction next to an automation to fall back to", automation({ on_failure: withThen("continue", { workflow: "b" }) })],
  ["inputs of no automation", automation({ on_failure: { inputs: {} } })],
  ["two reactions to a failure", automation({ critical: false, on_failure: "fail" })],
  ["a number instead of a list", automation({ for_each: 3 })],
  ["an item with the name of something else", automation({ for_each: { in: "{{ inputs.list }}", as: "steps" } })],
  ["a queue without a name", automation({ queue: { limit: 1 } })],
  ["a limit of a queue without a value", automation({ queue: { name: "q", limit: null } })],
  ["an unknown priority of a step", automation({ priority: "urgent" })],
  ["too many steps at the same time", automation({}, { concurrency: 101 })],
  ["an unknown rule of a profile", automation({}, { profile: { hosts: [] } })],
  ["an address instead of a host", automation({}, { profile: { domains: ["https://a.com"] } })],
  ["an unknown limit", automation({}, { profile: { limits: { memory: 1 } } })],
  ["an unknown keyword of an input", automation({}, { inputs: { a: { type: "string", optional: true } } })],
  ["a required input with a default", automation({}, { inputs: { a: { type: "string", required: true, default: "x" } } })],
  ["a secret input with a default", automation({}, { inputs: { a: { type: "string", secret: true, default: "x" } } })],
  ["a secret number", automation({}, { inputs: { a: { type: "integer", secret: true } } })],
  ["a name of an output with a space", automation({}, { outputs: { "a b": 1 } })],
  ["a scenario without an expectation", scenario({ expect: undefined })],
  ["a scenario with people", scenario({ given: { people: {} } })],
  ["a step that does nothing", scenario({ steps: { one: {} } })],
  ["a step that succeeds and fails", scenario({ steps: { one: { outputs: {}, error: "GONE" } } })],
  ["an unknown status of a step", scenario({ expect: { steps: { one: "DONE" } } })],
  ["a run that nothing follows", withRun({})],
  ["an unknown member of a run", withRun(withThen("t", { inputs: {} }))],
  ["an unknown step type in a run", withRun(withThen("t", { steps: [{ id: "one", type: "sett" }] }))],
])("the compiler and the published JSON Schema both refuse %s in an automation", (_what, written) => {
  // A member without a value is not a member.
  const document = JSON.parse(JSON.stringify(written)) as object;
  expect(compile(document).ok).toBe(false);
  expect(validate(document)).toBe(false);
});

test.each<[string, object]>([
  ["every member of an automation", completeAutomation],
  ["an expression instead of a list", automation({ type: "script", with: { command: "{{ inputs.list }}" } })],
  ["an expression instead of a number", automation({ type: "http", with: { url: "https://a.com", expect: ["{{ inputs.n }}"] } })],
  ["an expression instead of one of several values", automation({ type: "http", with: { url: "a", method: "{{ inputs.text }}" } })],
  ["an expression deep inside", automation({ with: { values: { a: [{ b: "x {{ inputs.n }}" }] } } })],
  ["a condition with braces", automation({ when: "{{ inputs.n == 1 }}" })],
  ["the key of a profile", automation({}, { profile: "plan_only" })],
  ["a profile that allows nothing", automation({}, { profile: { step_types: [], domains: [], secrets: [] } })],
  ["a run with a transition", withRun(withThen("t"))],
  [
    "a run with a result",
    withRun(withThen("t", { onFailure: "t", into: "data.out", outputs: { a: 1 }, queue: { name: "q" }, priority: "low" })),
  ],
])("the compiler and the published JSON Schema both accept %s in an automation", (_what, document) => {
  const result = compile(document);
  expect(result.ok ? [] : result.problems).toEqual([]);
  validate(document);
  expect(validate.errors).toBeNull();
});

test.each<[string, object]>([
  ["an unknown key", transition({ alow: {} })],
  ["an empty allow", transition({ allow: {} })],
  ["a wrong comment", transition({ comment: "maybe" })],
  ["a wrong action", transition({ actions: [{ sett: {} }] })],
  ["a bad set target", transition({ actions: [{ set: { state: 1 } }] })],
  ["an unknown schema keyword", transition({ input: { oneOf: [] } })],
  ["a bad role", transition({ allow: { roles: ["The Boss"] } })],
  ["a dead end", { ...transition({}), states: { s: {} } }],
  ["an unknown priority", transition({ actions: [{ openTask: { name: "t", title: "T", candidates: { owner: true }, priority: "hot" } }] })],
  ["a notSameAs that is not a step", transition({ allow: { notSameAs: "submitter" } })],
  [
    "a task without candidates",
    { ...transition({}), states: { s: { tasks: { a: { title: "A" } }, transitions: { t: { to: "e" } } }, e: { final: "completed" } } },
  ],
  [
    "votes for nothing",
    {
      ...transition({}),
      states: {
        s: { tasks: { a: { title: "A", for: "data.a" } }, decide: {}, transitions: { t: { to: "e" } } },
        e: { final: "completed" },
      },
    },
  ],
  [
    "a final state with a task",
    { ...transition({}), states: { s: { final: "completed", task: { title: "x", candidates: { owner: true } } } } },
  ],
])("the compiler and the published JSON Schema both refuse %s", (_what, document) => {
  expect(compile(document).ok).toBe(false);
  expect(validate(document)).toBe(false);
});

test.each<[string, object]>([
  [
    "every kind of action",
    transition({
      actions: [
        { openTask: { name: "t", title: "T", candidates: { owner: true }, lifetime: "instance" } },
        { closeTask: "t" },
        { emit: { type: "a.b", payload: { at: "now" } } },
      ],
    }),
  ],
  [
    "nested blocks of allow",
    transition({
      allow: { any: [{ roles: "a" }, { all: [{ owner: true }, { permissions: ["a.b"] }] }], notSameAs: ["owner", "assignee"] },
    }),
  ],
  [
    "tasks and votes",
    {
      ...transition({}),
      data: { properties: { people: { type: "array" }, at: { type: "string", format: "date" } } },
      states: {
        s: {
          tasks: {
            a: { title: "A", count: 2, due: "P2D", priority: "high", checklist: ["One"], candidates: { roles: "a", from: "data.people" } },
            b: { title: "B", for: "data.people", due: "data.at" },
          },
          decide: { t: "all", u: "any" },
          transitions: { t: { to: "e", allow: { notSameAs: ["owner", "s.u"] } }, u: { to: "e" } },
        },
        e: { final: "completed" },
      },
    },
  ],
  [
    "input and comment",
    transition({
      comment: "required",
      when: "true",
      input: { properties: { a: { type: ["string", "null"], format: "date" } }, additionalProperties: { type: "number" } },
    }),
  ],
])("the compiler and the published JSON Schema both accept %s", (_what, document) => {
  expect(compile(document)).toMatchObject({ ok: true });
  validate(document);
  expect(validate.errors).toBeNull();
});
