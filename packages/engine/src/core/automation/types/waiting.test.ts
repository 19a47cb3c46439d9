import { expect, test } from "vitest";
import { compile } from "../../definition/compile.js";
import { parseDefinition } from "../../document/parse.js";

/** Problems of an automation with one step, as path and message. */
function problemsOf(step: string): string[] {
  const parsed = parseDefinition(`weft: 1\nkind: automation\nkey: a\nname: A\nsteps:\n  - { id: s, ${step} }\n`);
  const result = compile(parsed.document, { locate: parsed.locate });
  return result.ok ? [] : result.problems.map(({ path, line, message }) => `${line}: ${path}: ${message}`);
}

test.each([
  "type: wait, with: { for: 3d }",
  "type: wait, with: { until: 2027-01-01 }",
  'type: wait, with: { until: "{{ run.started_at }}" }',
  "type: wait, with: { event: order.paid, where: { id: 1 }, timeout: 1d }",
  'type: wait, with: { event: order.paid, subject: "{{ run.owner_id }}" }',
  'type: graphql, with: { query: "query ($i: X = {a: {b: 1}}) { a(i: $i) { ...f } } fragment f on X { b }", variables: { i: { a: "{{ run.id }}" } } }',
  "type: wait, with: { approval: { roles: [owner], comment_for: [reject] } }",
  "type: task, with: { title: T, roles: [a], outcomes: [x, y], comment_for: [y], fail_on: [y], input: { properties: { n: { type: integer } } } }",
])("%s is sound", (step) => {
  expect(problemsOf(step)).toEqual([]);
});

test.each([
  ["type: wait, with: {}", "6: steps[0].with: Use exactly one of for, until, event, approval."],
  ["type: wait, with: { for: 1d, event: a.b }", "6: steps[0].with: Use exactly one of for, until, event, approval."],
  ["type: wait, with: { for: soon }", '6: steps[0].with.for: "soon" is not a duration. Durations look like 30s, 5m, 2h, 1d or PT30S.'],
  [
    "type: wait, with: { until: 2027-02-30 }",
    '6: steps[0].with.until: "2027-02-30" is not a date, or a time with a time zone, such as 2026-03-01T09:30:00Z.',
  ],
  [
    'type: wait, with: { event: "{{ run.id }}" }',
    "6: steps[0].with.event: The type of the event contains no expressions: whoever publishes the definition decides which events it reads. Select with `subject` and `where`.",
  ],
  [
    'type: graphql, with: { query: "mutation { a(name: \\"{{ run.id }}\\") }" }',
    '6: steps[0].with.query: A GraphQL operation contains no expressions, because their values would become code. Declare a variable, and pass the value in `variables`, for example title: "{{ inputs.title }}".',
  ],
  [
    "type: graphql, with: { query: '{ a' }",
    "6: steps[0].with.query: The GraphQL operation is invalid: Syntax Error: Expected Name, found <EOF>. (line 1, column 4)",
  ],
  ["type: graphql, with: { query: '{ a } query b { a }' }", "6: steps[0].with.query: The document must contain one operation, not 2."],
  [
    "type: graphql, with: { query: 'subscription { a }' }",
    "6: steps[0].with.query: The operation must be a query or a mutation. Wait for events with the step type wait.",
  ],
  ["type: wait, with: { for: 1d, timeout: 2d }", '6: steps[0].with.timeout: "timeout" belongs to an event.'],
  [
    "type: wait, with: { approval: { roles: [a], comment_for: [done] } }",
    '6: steps[0].with.approval.comment_for: "done" is not one of the outcomes.',
  ],
  ["type: task, with: { title: T, roles: [a], fail_on: [no] }", '6: steps[0].with.fail_on: "no" is not one of the outcomes.'],
  [
    "type: task, with: { title: T, roles: [a], due: later }",
    '6: steps[0].with.due: "later" is not a duration. Durations look like 30s, 5m, 2h, 1d or PT30S.',
  ],
])("%s is refused when the definition is saved", (step, problem) => {
  expect(problemsOf(step)).toEqual([problem]);
});

test("a condition that compares the outcome with none of the task's outcomes is refused", () => {
  const asking = (step: string, outcome: string) =>
    problemsOf(`${step} }\n  - { id: next, type: set, when: "steps.s.outputs.outcome == '${outcome}'", with: { values: { n: 1 } }`);
  const task = "type: task, with: { title: T, roles: [a], outcomes: [approved, refused] }";
  expect(asking(task, "approved")).toEqual([]);
  expect(asking(task, "aproved")).toEqual(['7: steps[1].when: steps.s.outputs.outcome can never be "aproved". Did you mean "approved"?']);
  expect(asking("type: task, with: { title: T, roles: [a] }", "approved")).toHaveLength(1);
  // What expressions give is not known yet.
  expect(asking('type: task, with: { title: T, roles: [a], outcomes: ["{{ run.id }}", refused] }', "approved")).toEqual([]);
  expect(asking("type: wait, with: { approval: { title: T, roles: [a] } }", "approved")).toHaveLength(1);
  expect(asking("type: wait, with: { approval: { title: T, roles: [a] } }", "approve")).toEqual([]);
});

test("the schema of a task's input is checked", () => {
  expect(problemsOf("type: task, with: { title: T, roles: [a], input: { properties: { n: { type: nothing } } } }")).toEqual([
    expect.stringContaining("steps[0].with.input: "),
  ]);
});
