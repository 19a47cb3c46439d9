import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { parseDefinition } from "../document/parse.js";
import type { Machine } from "../model/machine.js";
import type { Problem } from "../model/problems.js";
import { tryScenarios, type ScenarioReport } from "./try.js";

const deploy = `weft: 1
kind: automation
key: deploy
name: Deploy
inputs:
  version: { type: string, required: true, pattern: "^v[0-9]+$" }
  regions: { type: array, items: { type: string }, default: [] }
steps:
  - id: run-tests
    type: script
    with: { command: [npm, test, "{{ inputs.version }}"] }
    retry: { attempts: 2 }
  - id: deploy
    type: http
    when: steps.run-tests.exit_code == 0
    for_each: { in: "{{ inputs.regions }}", as: region }
    with: { url: "https://deploy.example/{{ region }}" }
    on_failure: compensate
outputs: { done: "{{ steps.deploy.outputs.count }}" }
scenarios:
`;

function compiled(scenarios: string): { readonly machine: Machine | null; readonly problems: readonly Problem[] } {
  const parsed = parseDefinition(deploy + scenarios);
  const result = compile(parsed.document, { locate: parsed.locate });
  return result.ok ? { machine: result.machine, problems: [] } : { machine: null, problems: result.problems };
}

function tried(scenarios: string): readonly ScenarioReport[] {
  const { machine, problems } = compiled(scenarios);
  if (!machine) throw new Error(JSON.stringify(problems));
  const { locate } = parseDefinition(deploy + scenarios);
  const walk = tryScenarios(machine, function* () {
    yield;
    return locate;
  });
  for (;;) {
    const next = walk.next();
    if (next.done === true) return next.value;
  }
}

test("scenarios of an automation say with which results of its steps it ends how", () => {
  const reports = tried(`  - name: A tested version is deployed to every region
    given: { inputs: { version: v1, regions: [north, south] } }
    steps:
      run-tests: [{ error: TIMEOUT }, { outputs: { exit_code: 0 } }]
      deploy: { items: [{ outputs: { status: 201 } }, { outputs: { status: 200 } }] }
    expect:
      status: SUCCEEDED
      steps: { run-tests: SUCCEEDED, deploy: SUCCEEDED }
      inputs: { run-tests: { command: [npm, test, v1] }, deploy: { url: "https://deploy.example/south" } }
      outputs: { done: 2 }
  - name: A version whose tests fail is not deployed
    given: { inputs: { version: v2 } }
    steps: { run-tests: { outputs: { exit_code: 1 } } }
    expect: { status: SUCCEEDED, steps: { deploy: SKIPPED }, outputs: { done: null } }
  - name: One region that fails ends the run
    given: { inputs: { version: v3, regions: [north, south] } }
    steps: { deploy: { items: [{ error: { code: HTTP_STATUS, message: no, final: true } }] } }
    expect: { status: FAILED, steps: { deploy: FAILED } }
`);
  expect(reports.map(({ failures }) => failures)).toEqual([[], [], []]);
  expect(reports.map(({ path }) => path.at(-1))).toEqual(["succeeded", "succeeded", "failed"]);
});

test.each([
  [
    "steps: { run-tests: { outputs: { exit_code: 1 } } }\n    expect: { steps: { deploy: SUCCEEDED } }",
    "Expected SUCCEEDED, found SKIPPED.",
  ],
  [
    "steps: { run-tests: { error: DOWN } }\n    expect: { status: SUCCEEDED }",
    "Expected the status SUCCEEDED, found FAILED. Step run-tests: DOWN: DOWN",
  ],
  ["expect: { outputs: { done: 3 } }", "Expected 3, found 0."],
  ["expect: { inputs: { run-tests: { command: [npm, test, v2] } } }", 'Expected ["npm","test","v2"], found ["npm","test","v1"].'],
])("a scenario that differs fails with its line: %s", (rest, message) => {
  const [report] = tried(`  - name: One\n    given: { inputs: { version: v1 } }\n    ${rest}\n`);
  const [failure] = report?.failures ?? [];
  expect(failure?.message).toBe(message);
  expect(failure).toMatchObject({ code: "SCENARIO_FAILED" });
  expect(failure?.line).toBeGreaterThan(22);
});

test("inputs that the automation refuses fail the scenario", () => {
  const [report] = tried("  - name: One\n    given: { inputs: { version: none } }\n    expect: { status: SUCCEEDED }\n");
  expect(report?.failures[0]?.message).toContain("data.version");
});

test.each([
  ["steps: { run-test: { outputs: {} } }\n    expect: { status: FAILED }", 'There is no step "run-test". Did you mean "run-tests"?'],
  ["steps: { run-tests: { outputs: { exitcode: 1 } } }\n    expect: { status: FAILED }", "exitcode"],
  ["steps: { run-tests: {} }\n    expect: { status: FAILED }", "Expected a result such as"],
  ["steps: { run-tests: { error: timeout } }\n    expect: { status: FAILED }", '"timeout" is not a code of an error.'],
  ["expect: { status: DONE }", "status must be one of SUCCEEDED, FAILED"],
  ["expect: { steps: { deploy: READY } }", "The status of a step must be one of"],
  ["expect: {}", "Specify what to expect"],
  ["given: { data: {} }\n    expect: { status: FAILED }", 'There is no key "data" here.'],
  ["given: {}", "A scenario must state the result to expect"],
])("a scenario that cannot be read is a problem with its line: %s", (rest, message) => {
  const { problems } = compiled(`  - name: One\n    ${rest}\n`);
  expect(problems.map((problem) => problem.message).join("\n")).toContain(message);
  for (const { line = 0 } of problems) expect(line).toBeGreaterThan(20);
});
