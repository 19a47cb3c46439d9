import { expect, test } from "vitest";
import { parseDefinition } from "../document/parse.js";
import type { StepGraph } from "../model/automation.js";
import type { Problem } from "../model/problems.js";
import { compile, compileSteps } from "../definition/compile.js";
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
  if (parsed.problems.length > 0) return parsed.problems;
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
  // Secret inputs are no data.
  expect([...machine.data.root.properties.keys()]).toEqual(["version", "environment", "outputs"]);
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
  [
    "a number where the step type wants text",
    '  - { id: a, type: script, with: { command: [ls] } }\n  - { id: b, type: http, with: { url: "{{ steps.a.outputs.exit_code }}" } }',
    "steps.a.outputs.exit_code (a whole number) cannot be used here: the value must be text.",
  ],
  [
    "text where the step type wants a list",
    '  - { id: a, type: script, with: { command: "npm {{ inputs.name }}" } }',
    "The value of these expressions is text, but must be a list.",
  ],
  [
    "a number in a list of texts",
    '  - { id: a, type: script, with: { command: [ls] } }\n  - { id: b, type: script, with: { command: [ls, "{{ steps.a.exit_code }}"] } }',
    "the value must be text.",
  ],
  [
    "a list for each of whose items nothing can be done",
    '  - { id: a, type: set, for_each: "{{ inputs.name }}", with: { values: {} } }',
    "inputs.name (text) cannot be used here: the value must be a list.",
  ],
  [
    "the misspelled name of the inputs",
    '  - { id: a, type: set, with: { values: { x: "{{ input.name }}" } } }',
    'There is no "input" here. Expressions read "inputs", "steps" and "run". Did you mean "inputs"?',
  ],
  [
    "an unknown input",
    '  - { id: a, type: set, with: { values: { x: "{{ inputs.nmae }}" } } }',
    'There is no "inputs.nmae": the schema of inputs does not declare it. Did you mean "name"?',
  ],
  [
    "an output without its outputs",
    '  - { id: a, type: script, with: { command: [ls] } }\n  - { id: b, type: set, with: { values: { x: "{{ steps.a.stdout }}" } } }',
    "Did you mean steps.a.outputs.stdout?",
  ],
  [
    "an expression of GitHub Actions",
    `  - { id: a, type: set, with: { values: { x: "$${"{{ inputs.name }}"}" } } }`,
    'Expressions are written without "$", for example {{ inputs.version }}.',
  ],
  [
    "an expression with one brace",
    `  - { id: a, type: set, with: { values: { x: "for $${"{inputs.name}"}" } } }`,
    "Expressions have two braces on each side: {{ inputs.name }}.",
  ],
  [
    "an expression without quotes",
    "  - { id: a, type: set, with: { values: { x: {{ inputs.name }} } } }",
    "Put quotes around text that begins with { or [.",
  ],
  ["a member of a step that does not exist", "  - { id: a, type: set, needs: [b], with: { values: {} } }", 'There is no key "needs" here.'],
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
  ["the name of the outputs", "outputs: { type: object }", 'inputs.outputs "outputs" is not a valid name of an input'],
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

test("numbers and truth values can be used in maps of texts, such as an environment", () => {
  const steps = `steps:\n  - { id: a, type: script, with: { command: [ls], env: { COUNT: "{{ inputs.count }}", SURE: "{{ inputs.sure }}" } } }\n`;
  expect(problemsOf(`${head}inputs: { count: { type: integer }, sure: { type: boolean } }\n${steps}`)).toEqual([]);
});

const manySteps = (count: number, step: (index: number) => string): string =>
  `${head}inputs: { list: { type: array } }\nsteps:\n${Array.from({ length: count }, (_, index) => step(index)).join("\n")}\n`;

test.each([
  ["100,000 steps", () => manySteps(100_000, (index) => `  - { id: s${index}, type: wait }`), "the maximum is 1048576"],
  ["501 steps", () => manySteps(501, (index) => `  - { id: s${index}, type: wait }`), "There are 501 steps; the maximum is 500."],
  [
    "a template with 1,000 expressions",
    () => manySteps(1, () => `  - { id: a, type: set, with: { values: { x: "${"{{ inputs.list }}".repeat(1000)}" } } }`),
    "A text can contain at most 50 expressions.",
  ],
  [
    "an expression that is nested too deeply",
    () => manySteps(1, () => `  - { id: a, type: set, with: { values: { x: "{{ ${"(".repeat(1500)}1${")".repeat(1500)} }}" } } }`),
    "Exceeded maxDepth",
  ],
  [
    "an expression that is too long",
    () => manySteps(1, () => `  - { id: a, type: set, with: { values: { x: "{{ ${"1 + ".repeat(20_000)}1 }}" } } }`),
    "4096",
  ],
  [
    "input that is nested too deeply",
    () => manySteps(1, () => `  - { id: a, type: set, with: { values: { x: ${"[".repeat(60)}1${"]".repeat(60)} } } }`),
    "",
  ],
])("%s are a problem, and found without delay", (_what, text, message) => {
  const source = text();
  const startedAt = performance.now();
  const problems = problemsOf(source);
  expect(problems.map((problem) => problem.message).join("\n")).toContain(message);
  expect(problems.length).toBeGreaterThan(0);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test("the largest automation is compiled in short turns", () => {
  const values = Array.from({ length: 8 }, (_, index) => `x${index}: "{{ inputs.list }}{{ run.id }}"`).join(", ");
  const { document } = parseDefinition(manySteps(500, (index) => `  - { id: s${index}, type: set, with: { values: { ${values} } } }`));
  const walk = compileSteps(document, {});
  let turns = 0;
  let longest = 0;
  for (;;) {
    const startedAt = performance.now();
    const next = walk.next();
    longest = Math.max(longest, performance.now() - startedAt);
    turns++;
    if (next.done !== true) continue;
    expect(next.value.ok ? [] : next.value.problems).toEqual([]);
    break;
  }
  expect(turns).toBeGreaterThan(500);
  expect(longest).toBeLessThan(1500);
});

test("a circle of steps and an invalid pattern of an input hide no other problem", () => {
  const found = problemsOf(`${head}inputs: { version: { type: string, pattern: "(" } }
steps:
  - { id: one, type: pythn, depends_on: [two] }
  - { id: two, type: wait, depends_on: [one], with: { for: 1h } }
  - { id: three, type: http, with: { url: "https://a.example/{{ inputs.versoin }}", method: PUTT } }
outputs: { a: "{{ steps.none.outputs.x }}" }
concurrency: 0
`);
  expect(found.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      "inputs.version.pattern",
      "steps[0].depends_on",
      "steps[0].type",
      "steps[2].with.url",
      "steps[2].with.method",
      "outputs.a",
      "concurrency",
    ]),
  );
});
