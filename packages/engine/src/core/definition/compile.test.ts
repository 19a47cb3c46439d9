import { expect, test } from "vitest";
import type { CompileOptions } from "../model/compile-options.js";
import { compile } from "./compile.js";
import { parseDefinition } from "../document/parse.js";
import type { Problem } from "../model/problems.js";

const known: CompileOptions = { knownRoles: ["operations", "workflow_manager"], knownPermissions: ["request.approve"] };

function problemsOf(text: string, options: CompileOptions = known): readonly Problem[] {
  const parsed = parseDefinition(text);
  if (parsed.problems.length > 0) return parsed.problems;
  const result = compile(parsed.document, { ...options, locate: parsed.locate });
  return result.ok ? [] : result.problems;
}

/** Returns a definition with `open` as the body of its first state. */
const withState = (open: string): string => `weft: 1
key: purchase
name: Purchase
data:
  required: [amount]
  properties:
    amount: { type: number }
    kind: { type: string, enum: [goods, services] }
    note: { type: string }
    tags: { type: array, items: { type: string } }
    urgent: { type: boolean }
    site: { type: object, properties: { floor: { type: integer } } }
initial: open
states:
  open:
${open.replace(/^/gm, "    ")}
  closed: { final: completed }
`;

const withTransition = (rest: string): string => withState(`transitions:\n  close:\n    to: closed\n${rest.replace(/^/gm, "    ")}`);

test("a definition with six different mistakes reports all six, each with its line and column", () => {
  const text = `weft: 1
key: purchase
name: Purchase
data:
  type: object
  properties:
    amount: { type: numbr }
    summary: { type: string }
initial: draft
states:
  draft:
    transitions:
      submit: { to: reveiw, alow: { owner: true } }
  review:
    task: { title: "Check {{ data.sumary }}", candidates: { roles: [operatons] } }
    transitions:
      approve: { to: done, when: "data.summary <= " }
  lost:
    transitions:
      back: { to: done }
  done: { final: completed }
`;
  const problems = problemsOf(text.replace("numbr", "number"));
  expect(problems.map(({ path, code, line }) => [line, code, path])).toEqual([
    [13, "UNKNOWN_KEY", "states.draft.transitions.submit.alow"],
    [13, "UNKNOWN_STATE", "states.draft.transitions.submit.to"],
    [15, "BAD_TEMPLATE", "states.review.task.title"],
    [15, "UNKNOWN_ROLE", "states.review.task.candidates.roles[0]"],
    [17, "BAD_CONDITION", "states.review.transitions.approve.when"],
    [18, "UNREACHABLE_STATE", "states.lost"],
  ]);
  expect(problems.map(({ message }) => message)).toEqual([
    'There is no key "alow" here. Did you mean "allow"?',
    'There is no state "reveiw". Did you mean "review"?',
    'There is no "data.sumary": the schema of data does not declare it. Did you mean "summary"?',
    'The role "operatons" does not exist. Did you mean "operations"?',
    expect.stringContaining("is not a valid expression"),
    'No path leads from "draft" to the state "lost".',
  ]);
  expect(problems[1]).toMatchObject({ line: 13, column: 17 });
  expect(problemsOf(text).map(({ code, line }) => [line, code])).toContainEqual([7, "BAD_SCHEMA"]);
});

test("errors that only follow from an unreadable part are not reported", () => {
  const more = `${withState("transitions: { close: { to: middle } }")}  middle: { transitions: { on: { to: closed } } }\n`;
  expect(problemsOf(more)).toEqual([]);
  for (const [from, to, path] of [
    ["transitions: { close", "transition: { close", "states.open.transition"],
    ["close: { to: middle }", "close: {}", "states.open.transitions.close.to"],
    ["on: { to: closed }", "on: { too: closed }", "states.middle.transitions.on.too"],
    ["final: completed", "final: done", "states.closed.final"],
    ["transitions: { close: { to: middle } }", "transitions: [close]", "states.open.transitions"],
  ] as const) {
    expect(more).toContain(from);
    const problems = problemsOf(more.replace(from, to));
    expect(problems[0]?.path).toBe(path);
    expect(problems.filter(({ code }) => ["UNREACHABLE_STATE", "DEAD_END", "NO_FINAL_STATE"].includes(code))).toEqual([]);
  }
});

test.each<[string, string, string]>([
  ["when: amount > 5", "states.open.transitions.close.when", 'Did you mean "data.amount"?'],
  ['when: "data.amount = 5"', "states.open.transitions.close.when", "use == to compare."],
  ['when: "data.amount > 5 and data.urgent"', "states.open.transitions.close.when", "use && for and"],
  ['when: "(data.amount > 5"', "states.open.transitions.close.when", "a ) is missing."],
  [`when: "data.kind == 'goods"`, "states.open.transitions.close.when", "a string is not closed."],
  ["allow: { roles: [Workflow manager] }", "states.open.transitions.close.allow.roles[0]", 'Did you mean "workflow_manager"?'],
  [
    "form: { fields: { amount: { type: text } } }",
    "states.open.transitions.close.form.fields.amount.type",
    "written to data.amount, which is",
  ],
])("the message for %s says how to write it correctly", (rest, path, message) => {
  expect(problemsOf(withTransition(rest))).toContainEqual(
    expect.objectContaining({ path, message: expect.stringContaining(message) as unknown }),
  );
});

test.each<[string, string, Partial<Problem>]>([
  ["an unknown key at the top", `${withTransition("")}sates: {}`, { path: "sates", code: "UNKNOWN_KEY" }],
  ["a wrong format version", withTransition("").replace("weft: 1", "weft: 2"), { path: "weft", code: "BAD_VALUE", line: 1 }],
  ["a missing key", withTransition("").replace("key: purchase\n", ""), { path: "key", code: "MISSING" }],
  ["a bad definition key", withTransition("").replace("key: purchase", "key: My Purchase"), { path: "key", code: "BAD_VALUE", line: 2 }],
  [
    "a bad initial state",
    withTransition("").replace("initial: open", "initial: opne"),
    { path: "initial", code: "UNKNOWN_STATE", message: 'There is no state "opne". Did you mean "open"?' },
  ],
  ["a dead end", withState("title: Open"), { path: "states.open", code: "DEAD_END" }],
  [
    "no final state",
    withTransition("").replace("closed: { final: completed }", "closed: { transitions: { again: { to: open } } }"),
    { path: "states", code: "NO_FINAL_STATE" },
  ],
  [
    "a loop without an exit",
    withState("transitions: { again: { to: open } }"),
    { path: "states.open", code: "DEAD_END", message: 'No final state can be reached from the state "open".' },
  ],
  [
    "a final state with transitions",
    withTransition("").replace("{ final: completed }", "{ final: completed, transitions: { a: { to: open } } }"),
    { path: "states.closed.transitions", code: "FINAL_STATE" },
  ],
  [
    "a final state that opens a task",
    withTransition("").replace(
      "{ final: completed }",
      "{ final: completed, onEntry: [{ openTask: { name: a, title: b, candidates: { owner: true } } }] }",
    ),
    { code: "FINAL_STATE" },
  ],
  [
    "a wrong final kind",
    withTransition("").replace("final: completed", "final: complete"),
    { path: "states.closed.final", code: "BAD_VALUE" },
  ],
  [
    "a state name with spaces",
    withTransition("").replace("  closed:", '  "all closed":'),
    { path: 'states["all closed"]', code: "BAD_VALUE" },
  ],
  [
    "a transition without a target",
    withState("transitions: { close: { title: Close } }"),
    { path: "states.open.transitions.close.to", code: "MISSING" },
  ],
  ["an empty allow", withTransition("allow: {}"), { path: "states.open.transitions.close.allow", code: "BAD_VALUE" }],
  ["an empty role list", withTransition("allow: { roles: [] }"), { path: "states.open.transitions.close.allow.roles", code: "BAD_VALUE" }],
  ["a malformed role key", withTransition("allow: { roles: [The Boss] }"), { code: "UNKNOWN_ROLE" }],
  [
    "an unknown permission",
    withTransition("allow: { permissions: [request.aprove] }"),
    { code: "UNKNOWN_PERMISSION", message: 'There is no permission "request.aprove". Did you mean "request.approve"?' },
  ],
  [
    "notSameAs with an unknown name",
    withTransition("allow: { notSameAs: ower }"),
    { code: "BAD_VALUE", message: 'notSameAs must be owner, assignee or a step such as draft.submit, not "ower". Did you mean "owner"?' },
  ],
  ["a comment that is neither required nor optional", withTransition("comment: maybe"), { path: "states.open.transitions.close.comment" }],
  ["a condition that is not text", withTransition("when: 5"), { path: "states.open.transitions.close.when", code: "WRONG_TYPE" }],
  [
    "a condition on unknown data",
    withTransition("when: data.amont > 1"),
    { code: "UNKNOWN_PATH", message: 'There is no "data.amont": the schema of data does not declare it. Did you mean "amount"?' },
  ],
  ["a condition on an unknown root", withTransition("when: user.id == 'x'"), { code: "UNKNOWN_PATH" }],
  [
    "a condition that compares a number with text",
    withTransition("when: data.amount > 'x'"),
    { code: "BAD_CONDITION", message: 'data.amount (a number) cannot be compared with "x".' },
  ],
  [
    "a condition that never holds",
    withTransition("when: data.kind == 'gods'"),
    { code: "BAD_CONDITION", message: 'data.kind can never be "gods". Did you mean "goods"?' },
  ],
  ["a condition that orders a list", withTransition("when: data.tags > 1"), { code: "BAD_CONDITION" }],
  ["a condition that reads a property of a number", withTransition("when: data.amount.x == 1"), { code: "UNKNOWN_PATH" }],
  ["a condition on the comment", withTransition("when: comment == 'x'"), { code: "UNKNOWN_PATH" }],
  ["a condition on the input", withTransition("when: input.x == 'x'"), { code: "UNKNOWN_PATH" }],
  ["a set outside the data", withTransition("actions: [{ set: { state: 1 } }]"), { code: "BAD_VALUE" }],
  ["a set of undeclared data", withTransition("actions: [{ set: { data.closer: actor.id } }]"), { code: "UNKNOWN_PATH" }],
  ["a set of the wrong type", withTransition("actions: [{ set: { data.amount: actor.id } }]"), { code: "BAD_CONDITION" }],
  ["a set of unquoted text", withTransition("actions: [{ set: { data.note: very good } }]"), { code: "BAD_CONDITION" }],
  ["an unknown action", withTransition("actions: [{ sett: { data.note: 1 } }]"), { code: "UNKNOWN_KEY" }],
  ["a closeTask without a matching task", withTransition("actions: [{ closeTask: opn }]"), { code: "UNKNOWN_TASK" }],
  [
    "a bad event type",
    withTransition("actions: [{ emit: { type: Hello } }]"),
    { path: "states.open.transitions.close.actions[0].emit.type" },
  ],
  [
    "a task without candidates",
    withState("task: { title: Check }\ntransitions: { close: { to: closed } }"),
    { path: "states.open.task.candidates", code: "MISSING" },
  ],
  [
    "an unclosed template",
    withState('task: { title: "Check {{ data.note", candidates: { owner: true } }\ntransitions: { close: { to: closed } }'),
    { code: "BAD_TEMPLATE" },
  ],
  [
    "an expression in a template",
    withState('task: { title: "Check {{ 1 + 1 }}", candidates: { owner: true } }\ntransitions: { close: { to: closed } }'),
    { code: "BAD_TEMPLATE" },
  ],
  [
    "an unknown schema keyword",
    withTransition("input: { oneOf: [] }"),
    { path: "states.open.transitions.close.input.oneOf", code: "BAD_SCHEMA" },
  ],
  [
    "a required property that is not declared",
    withTransition("input: { required: [outcme], properties: { outcome: { type: string } } }"),
    { path: "states.open.transitions.close.input.required[0]", code: "BAD_SCHEMA" },
  ],
  [
    "a pattern with a back-reference",
    withTransition("input: { properties: { a: { type: string, pattern: '(a)\\1' } } }"),
    { code: "BAD_SCHEMA" },
  ],
  ["an input that is not an object", withTransition("input: { type: array }"), { code: "BAD_SCHEMA" }],
])("refuses %s", (_what, text, expected) => {
  const problems = problemsOf(text);
  expect(problems).toContainEqual(expect.objectContaining(expected));
  for (const problem of problems) {
    expect(problem.message).toMatch(/[.!?]$/);
    expect(problem.line).toBeGreaterThan(0);
    expect(problem.column).toBeGreaterThan(0);
  }
});

test("the initial state cannot be closed, others can", () => {
  const withStates = (initial: string) => `weft: 1
key: visit
name: Visit
initial: ${initial}
states:
  open: { transitions: { close: { to: ended } } }
  ended: { closed: true, transitions: { reopen: { to: open }, finish: { to: done } } }
  done: { final: completed }
`;
  expect(problemsOf(withStates("open"))).toEqual([]);
  expect(problemsOf(withStates("ended"))).toMatchObject([{ code: "BAD_VALUE", path: "states.ended.closed" }]);
});

test("the documented features are accepted: nested paths, lists, has, titles, notes under x- keys", () => {
  const text = withTransition(`title: Close it
x-note: for the auditors
allow: { any: [{ roles: operations }, { owner: true }], all: [{ permissions: [request.approve] }] }
when: 'has(data.site.floor) && data.site.floor in [1, 2, 3] && (data.tags.contains("x") || "y" in data.tags) && !data.urgent && data.amount > -1.5'
input: { properties: { note: { type: string } } }
actions:
  - set: { data.note: input.note, data.site.floor: 3, data.urgent: true, data.kind: "'goods'" }
  - emit: { type: purchase.closed, payload: { by: actor.id, amount: data.amount, reason: comment } }`);
  expect(problemsOf(text)).toEqual([]);
});

test("if the tenant's roles are unknown, only the form of role keys is checked", () => {
  expect(problemsOf(withTransition("allow: { roles: [astronaut] }"), {})).toEqual([]);
});

test("a source that is not a definition gives a problem, never an exception", () => {
  for (const source of [null, undefined, 5, "x", [], () => 1, new Map(), Number.NaN, Symbol("x"), 10n]) {
    expect(compile(source)).toMatchObject({ ok: false });
  }
  expect(compile({})).toMatchObject({
    ok: false,
    problems: expect.arrayContaining([expect.objectContaining({ path: "states", code: "MISSING" })]) as unknown,
  });
});

test("at most 100 problems are listed", () => {
  const states = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`s${index}`, { wrong: 1 }]));
  const result = compile({ weft: 1, key: "a", name: "b", initial: "s0", states });
  expect(result).toMatchObject({ ok: false });
  expect(result.ok ? 0 : result.problems.length).toBe(100);
});
