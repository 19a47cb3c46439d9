import { expect, test } from "vitest";
import { parseDefinition } from "../document/parse.js";
import type { StepGraph } from "../model/automation.js";
import type { Problem } from "../model/problems.js";
import { compile } from "../definition/compile.js";
import type { Machine } from "../model/machine.js";

function compiled(text: string): Machine {
  const parsed = parseDefinition(text);
  expect(parsed.problems).toEqual([]);
  const result = compile(parsed.document, { locate: parsed.locate });
  if (!result.ok) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return result.machine;
}

function graphOf({ states, initial }: Machine): StepGraph {
  const graph = states.get(initial)?.run?.graph;
  if (!graph) throw new Error("The initial state has no steps.");
  return graph;
}

function problemsOf(text: string): readonly Problem[] {
  const parsed = parseDefinition(text);
  const result = compile(parsed.document, { locate: parsed.locate });
  return result.ok ? [] : result.problems;
}

const head = `weft: 1
kind: automation
key: deploy-application
name: Deploy application
`;

const deploy = `${head}inputs:
  version: { type: string, required: true, pattern: "^v[0-9]+[.][0-9]+[.][0-9]+$" }
  environment: { type: string, enum: [staging, production], default: staging }
  api-token: { type: string, secret: true }
steps:
  - id: check
    type: assert
    with: { that: '{{ inputs.version != "v0.0.0" }}', message: "Not {{ inputs.version }}" }
  - id: run-tests
    type: script
    with: { command: [npm, test], env: { TOKEN: "{{ secrets.npm-token }}" } }
    retry: { attempts: 3, delay: 10s, backoff: exponential }
    timeout: 5m
  - id: deploy
    type: http
    depends_on: [run-tests]
    when: steps.run-tests.exit_code == 0
    with:
      url: "https://deploy.example/{{ inputs.environment }}/{{ inputs.version }}"
      headers: { authorization: "Bearer {{ inputs.api-token }}" }
    on_failure: compensate
    compensate: { type: http, with: { url: "https://deploy.example/undo/{{ steps.deploy.outputs.body.id }}" } }
outputs:
  answer: "{{ steps.deploy.outputs.body }}"
`;

test("a deployment compiles: a step without depends_on follows the one that is written before it", () => {
  const machine = compiled(deploy);
  const { steps, order, secretInputs, secrets } = graphOf(machine);
  expect(order).toEqual(["check", "run-tests", "deploy"]);
  expect([...steps.values()].map(({ dependsOn }) => dependsOn)).toEqual([[], ["check"], ["run-tests"]]);
  expect(steps.get("run-tests")).toMatchObject({ timeoutSeconds: 300, retry: { attempts: 3, delaySeconds: 10, backoff: "exponential" } });
  expect(steps.get("deploy")?.onFailure.reaction).toBe("compensate");
  expect([...machine.data.root.properties.keys()]).toEqual(["version", "environment", "api-token", "outputs"]);
  expect([...secretInputs]).toEqual(["api-token"]);
  expect([...secrets]).toEqual(["npm-token"]);
});

test.each([
  ["an unknown step", "  - { id: a, type: set, depends_on: [b], with: { values: {} } }", 'There is no step "b".'],
  [
    "a circle",
    "  - { id: a, type: set, depends_on: [b], with: { values: {} } }\n  - { id: b, type: set, depends_on: [a], with: { values: {} } }",
    'These steps wait for each other: "a" → "b" → "a".',
  ],
  [
    "a reference to a step that cannot have ended",
    '  - { id: a, type: set, depends_on: [], with: { values: { x: 1 } } }\n  - { id: b, type: set, depends_on: [], with: { values: { y: "{{ steps.a.outputs.x }}" } } }',
    'The step "a" may not have ended here. Add it to depends_on.',
  ],
  ["a step type that is misspelled", "  - { id: a, type: htpp }", 'There is no step type "htpp". Did you mean "http"?'],
  ["a member that the step type does not have", "  - { id: a, type: http, with: { link: x } }", 'There is no key "link" here.'],
  ["a missing member", "  - { id: a, type: http }", '"url"'],
  ["types that do not match", "  - { id: a, type: http, with: { url: 5 } }", "Expected text, found 5."],
  [
    "a comparison of types that do not match",
    '  - { id: a, type: script, with: { command: [ls] } }\n  - { id: b, type: set, when: steps.a.exit_code == "0", with: { values: {} } }',
    "exit_code",
  ],
  [
    "a secret where it would be stored",
    '  - { id: a, type: set, with: { values: { x: "{{ secrets.token }}" } } }',
    "Secrets cannot be read here: the value would be stored or shown.",
  ],
  [
    "a secret input where it would be shown",
    '  - { id: a, type: notify, with: { to: [owner], title: "{{ inputs.token }}" } }',
    'The input "token" is secret, so it cannot be read here.',
  ],
  [
    "an expression in a shell script",
    '  - { id: a, type: shell, with: { run: "echo {{ inputs.name }}" } }',
    "A shell script contains no expressions, because their values would become code.",
  ],
  [
    "the same ID twice",
    "  - { id: a, type: set, with: { values: {} } }\n  - { id: a, type: set, with: { values: {} } }",
    'There is already a step "a".',
  ],
  ["a retry without end", "  - { id: a, type: http, retry: 1000, with: { url: 'https://x.example' } }", "a whole number from 1 to 50"],
  ["a duration without a unit", "  - { id: a, type: http, timeout: '5', with: { url: 'https://x.example' } }", '"5" is not a duration.'],
])("%s is reported, with its line", (_what, steps, message) => {
  const found = problemsOf(`${head}inputs: { name: { type: string }, token: { type: string, secret: true } }\nsteps:\n${steps}\n`);
  expect(found.map((problem) => problem.message).join("\n")).toContain(message);
  expect(
    found.every(({ line = 0 }) => line >= 6),
    JSON.stringify(found),
  ).toBe(true);
});

test.each([
  ["a secret with a default", "token: { type: string, secret: true, default: x }", "A secret input cannot have a default"],
  ["a required input with a default", "a: { type: string, required: true, default: x }", "An input with a default is never missing."],
  ["a default of another type", "a: { type: integer, default: x }", "inputs.a.default"],
  ["a type that does not exist", "a: { type: text }", "inputs.a.type"],
])("of inputs, %s is reported", (_what, input, message) => {
  const found = problemsOf(`${head}inputs:\n  ${input}\nsteps:\n  - { id: a, type: set, with: { values: {} } }\n`);
  expect(found.map((problem) => `${problem.path} ${problem.message}`).join("\n")).toContain(message);
});

test("people to notify are written as owner, or as keys of roles", () => {
  const notified = (to: string) =>
    problemsOf(`${head}steps: [{ id: a, type: assert, with: { that: true }, on_failure: { notify: [${to}] } }]\n`).map(({ path }) => path);
  expect(notified("owner, operations")).toEqual([]);
  expect(notified("owner, Anna Smith")).toEqual(["steps[0].on_failure.notify[1]"]);
});
