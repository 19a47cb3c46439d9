import { describe, expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { parseDefinition } from "../document/parse.js";
import type { ScenarioResult } from "./progress.js";
import { runScenarios } from "./run.js";

const definition = `weft: 1
key: purchase
name: Purchase
data:
  required: [amount]
  properties: { amount: { type: number, minimum: 0 }, note: { type: string, maxLength: 20 }, by: { type: string } }
initial: draft
states:
  draft:
    transitions:
      submit: { to: check, allow: { owner: true } }
      withdraw: { to: gone, allow: { owner: true } }
  check:
    transitions:
      big: { to: review, auto: true, when: data.amount > 100 }
      small: { to: done, auto: true }
  review:
    task: { title: "Review {{ data.amount }}", due: P2D, candidates: { roles: [manager] } }
    transitions:
      approve:
        to: done
        allow: { roles: [manager], notSameAs: owner }
        input: { properties: { note: { type: string } } }
        actions: [{ set: { data.by: actor.id } }]
      reject: { to: gone, allow: { roles: [manager] }, comment: required }
      back: { to: draft, allow: { assignee: true } }
  done: { final: completed }
  gone: { final: cancelled }
`;
const people = "people: { olga: [requester], mia: [manager], noah: [manager, requester], zed: [] }";

function resultsOf(scenarios: string, text = definition): ScenarioResult[] {
  const { document, problems, locate } = parseDefinition(`${text}scenarios:\n${scenarios.replace(/^/gm, "  ")}\n`);
  expect(problems).toEqual([]);
  const compiled = compile(document, { locate });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const run = runScenarios(compiled.machine);
  for (;;) {
    const next = run.next();
    if (next.done) return [...next.value];
  }
}

/** One scenario: its setup in addition to the people, its steps, and the expected result. */
const one = (given: string, steps: readonly string[], wanted: string): ScenarioResult | undefined =>
  resultsOf(`- { name: It, given: { ${people}, ${given} }, steps: [${steps.join(", ")}], expect: { ${wanted} } }`)[0];
const failuresOf = (...args: Parameters<typeof one>): string[] =>
  (one(...args)?.failures ?? []).map(({ path, message }) => `${path.slice(2).join(".")}: ${message}`);

const submit = "{ fire: submit }";
const big = "data: { amount: 500 }, now: 2026-03-01T09:00:00Z";
const atReview = "state: review, path: [draft, check, review]";

describe("what a scenario can express", () => {
  test("given, steps and end cover users, automatic transitions, tasks with their due times, data and the clock", () => {
    expect(
      resultsOf(`- name: A big purchase is reviewed
  given: { data: { amount: 500 }, owner: olga, ${people}, now: 2026-03-01T09:00:00Z }
  steps:
    - { fire: submit, by: olga, expect: { ${atReview}, tasks: [{ task: review, due: 2026-03-03T09:00:00Z, offeredTo: mia }] } }
    - { advance: P1D }
    - { rejected: approve, by: olga, because: role }
    - { rejected: approve, task: review, by: zed }
    - { data: { amount: 700 }, by: olga }
    - { complete: review, with: approve, by: mia, input: { note: Fine } }
  expect: { state: done, status: COMPLETED, path: [draft, check, review, done], tasks: [], data: { amount: 700, note: Fine, by: mia } }
- name: A small one is not
  given: { data: { amount: 5 } }
  steps: [{ fire: submit }]
  expect: { state: done, path: [draft, check, done] }`),
    ).toMatchObject([
      { name: "A big purchase is reviewed", failures: [] },
      { name: "A small one is not", failures: [] },
    ]);
  });

  test("steps can claim, assign, cancel, and vote with any offered task", () => {
    expect(
      failuresOf(big, [submit, "{ claim: review, by: mia }", "{ rejected: reject, by: noah, comment: No, because: claimed }"], atReview),
    ).toEqual([]);
    expect(
      failuresOf(
        big,
        [submit, "{ rejected: back, by: zed, because: assignee }", "{ assign: zed }", "{ fire: back, by: zed }"],
        "state: draft",
      ),
    ).toEqual([]);
    expect(failuresOf(big, [submit, "{ cancel: true, comment: Too expensive }"], "status: CANCELLED, state: gone, tasks: []")).toEqual([]);
    expect(failuresOf(big, [submit, "{ vote: approve, by: mia }"], "state: done, data: { note: null }")).toEqual([]);
    expect(
      failuresOf(`${big}, owner: mia`, [submit, "{ rejected: approve, by: mia, because: notSameAs }"], "data: { amount: 500 }"),
    ).toEqual([]);
  });
});

const project = `weft: 1
key: project
name: Project
data: { properties: { phases: { type: array, items: { type: object } }, results: { type: array, items: { type: object } }, board: { type: array, items: { type: string } } } }
initial: plan
states:
  plan: { transitions: { go: { to: vote } } }
  vote:
    tasks: { sign: { title: Sign, for: data.board } }
    decide: { approve: all, reject: any }
    transitions: { approve: { to: phases, allow: { notSameAs: owner } }, reject: { to: failed } }
  phases:
    children: { phase: { definition: phase, for: data.phases, data: { name: item.name }, result: { cost: data.cost }, collect: data.results } }
    join: { need: all, then: finished, otherwise: failing }
    transitions: { finished: { to: done }, failing: { to: failed } }
  done: { final: completed }
  failed: { final: rejected }
`;

test("votes are cast one at a time, and children end as the scenario says", () => {
  const given =
    "given: { owner: olga, people: { olga: [], mia: [], noah: [] }, data: { board: [mia, noah], phases: [{ name: a }, { name: b }] } }";
  const results = resultsOf(
    `- name: All goes well
  ${given}
  steps:
    - { fire: go, expect: { state: vote, tasks: [{ task: sign, offeredTo: noah }, sign] } }
    - { rejected: approve, by: mia, because: votes }
    - { complete: sign, with: approve, by: mia, expect: { state: vote, tasks: [{ task: sign, offeredTo: noah }] } }
    - { rejected: approve, task: sign, by: mia }
    - { vote: approve, by: noah, expect: { state: phases, children: [phase, phase] } }
    - { child: phase, index: 1, result: { cost: 2 } , expect: { children: [phase] } }
    - { child: phase, result: { cost: 1 } }
  expect: { path: [plan, vote, phases, done], data: { results: [{ cost: 1 }, { cost: 2 }] } }
- name: A veto ends it
  ${given}
  steps: [{ fire: go }, { vote: reject, by: noah }]
  expect: { state: failed, tasks: [] }
- name: A phase fails
  ${given}
  steps: [{ fire: go }, { vote: approve, by: mia }, { vote: approve, by: noah }, { child: phase, index: 1, ends: rejected }]
  expect: { state: failed }
- name: A child that is not there
  ${given}
  steps: [{ fire: go }, { child: phase, index: 1 }]
  expect: { state: failed }`,
    project,
  );
  expect(results.map(({ failures }) => failures.map(({ message }) => message))).toEqual([
    [],
    [],
    [],
    ["There is no running child phase 1 that olga could end; no child is running."],
  ]);
});

test("a checklist must be complete before the task can be completed in any way", () => {
  const text = definition.replace(
    "candidates: { roles: [manager] }",
    "checklist: [Papers read, Asked twice], candidates: { roles: [manager] }",
  );
  const of = (...steps: string[]) =>
    resultsOf(
      `- { name: It, given: { ${people}, ${big} }, steps: [${[submit, ...steps].join(", ")}], expect: { state: done } }`,
      text,
    )[0]?.failures.map(({ message }) => message);
  const [complete, fire] = ["{ complete: review, with: approve, by: mia }", "{ fire: approve, by: mia }"];
  const open = (count: string): unknown => [
    expect.stringContaining(
      `The checklist of the task "Review 500" is not complete: ${count} ${count === "1" ? "item is" : "items are"} open.`,
    ),
  ];
  expect(of(complete)).toEqual(open("2"));
  expect(of(fire)).toEqual(open("2"));
  expect(of("{ check: review, items: Papers read, by: mia }", complete)).toEqual(open("1"));
  expect(of("{ rejected: approve, task: review, by: mia, because: checklist }", "{ check: review, by: mia }", complete)).toEqual([]);
  expect(of("{ check: review, items: [Papers read], by: mia }", "{ check: review, items: [Asked twice], by: noah }", fire)).toEqual([]);
  expect(of("{ check: review, by: zed }")).toEqual([expect.stringContaining("not offered to zed")]);
  // When the state is entered again, it is a new task with all items open.
  expect(of("{ check: review, by: mia }", "{ assign: mia }", "{ fire: back, by: mia }", submit, complete)).toEqual(open("2"));
});

test("a user who manages tasks can complete an unclaimed task, and other users are refused as in production", () => {
  const text = definition.replace("allow: { roles: [manager], notSameAs: owner }\n        input", "input");
  const of = (...steps: string[]) =>
    resultsOf(
      `- { name: It, given: { people: { olga: [], mia: [manager], mona: { permissions: [task.assign] }, zed: [] }, ${big} }, steps: [${[submit, ...steps].join(", ")}], expect: { data: { amount: 500 } } }`,
      text,
    )[0]?.failures.map(({ message }) => message);
  expect(of("{ rejected: approve, task: review, by: zed, because: candidate }")).toEqual([]);
  expect(of("{ complete: review, with: approve, by: mona, expect: { state: done } }")).toEqual([]);
  expect(of("{ claim: review, by: mona }")).toEqual([expect.stringContaining("not offered to mona")]);
  expect(of("{ claim: review, by: mia }", "{ rejected: approve, task: review, by: mona, because: claimed }")).toEqual([]);
});

test("a task that is offered to nobody can be claimed and completed only by users who manage tasks", () => {
  const text = definition
    .replace("candidates: { roles: [manager] } }", "candidates: { assignee: true } }")
    .replace("allow: { roles: [manager], notSameAs: owner }\n        input", "input");
  const of = (...steps: string[]) =>
    resultsOf(
      `- { name: It, given: { people: { olga: [], mona: { permissions: [task.assign] }, zed: [] }, ${big} }, steps: [${[submit, ...steps].join(", ")}], expect: { data: { amount: 500 } } }`,
      text,
    )[0]?.failures.map(({ message }) => message);
  expect(of("{ complete: review, with: approve, by: zed }")).toEqual([expect.stringContaining("not offered to zed")]);
  expect(of("{ claim: review, by: zed }")).toEqual([expect.stringContaining("not offered to zed")]);
  expect(of("{ rejected: approve, task: review, by: zed, because: task }")).toEqual([]);
  expect(of("{ complete: review, with: approve, by: mona, expect: { state: done } }")).toEqual([]);
  expect(of("{ claim: review, by: mona }", "{ complete: review, with: approve, by: mona, expect: { state: done } }")).toEqual([]);
});

test("a routed task is offered to the users that the scenario gives for the route, otherwise to the other candidates", () => {
  const routedText = definition
    .replace("candidates: { roles: [manager] } }", "candidates: { route: buyers, roles: [manager] } }")
    .replace("allow: { roles: [manager], notSameAs: owner }", "allow: { candidate: true }");
  const scenario = (routes: string, by: string) =>
    resultsOf(
      `- { name: It, given: { ${people}, ${big}${routes} }, steps: [{ fire: submit }, { complete: review, with: approve, by: ${by} }], expect: { state: done } }`,
      routedText,
    )[0]?.failures.map(({ message }) => message);
  expect(scenario(", routes: { buyers: zed }", "zed")).toEqual([]);
  expect(scenario(", routes: { buyers: [zed, olga] }", "mia")).toEqual([expect.stringContaining("not offered to mia")]);
  expect(scenario("", "mia")).toEqual([]);
});

test.each<[string, string, readonly string[], string, string]>([
  [
    "a start that the schema refuses",
    "data: { amount: -1 }",
    [],
    "state: draft",
    "given: The instance cannot be started: data.amount: -1 is less than the minimum, 0.",
  ],
  [
    "a firing that is refused",
    big,
    ["{ fire: submit, by: mia }"],
    "state: check",
    'steps.0: "submit" by mia is rejected: Only the owner can do this.',
  ],
  [
    "a firing outside its state",
    big,
    ["{ fire: approve, by: mia }"],
    "state: done",
    'steps.0: "approve" by mia is rejected: "approve" is not available in the state "Draft". Available transitions: submit, withdraw.',
  ],
  [
    "a task that is not open",
    big,
    ["{ complete: review, with: approve, by: mia }"],
    "state: done",
    'steps.0: There is no open task "review"; no task is open.',
  ],
  [
    "a task that is not offered",
    big,
    [submit, "{ complete: review, with: approve, by: zed }"],
    "state: done",
    'steps.1: The task "review" is not offered to zed, or another person has claimed it.',
  ],
  [
    "a step that is unexpectedly not rejected",
    big,
    ["{ rejected: submit, by: olga }"],
    "state: draft",
    'steps.0: "submit" by olga is not rejected: it leads to "check".',
  ],
  [
    "a step that is rejected for another reason",
    big,
    ["{ rejected: submit, by: mia, because: when }"],
    "state: draft",
    'steps.0: "submit" by mia is rejected, but not because of when: Only the owner can do this.',
  ],
  ["a different state", big, [submit], "state: done", 'expect.state: Expected the state "done", found "review".'],
  [
    "a different path",
    big,
    [submit],
    "path: [draft, review]",
    "expect.path: Expected the path draft → review, found draft → check → review.",
  ],
  ["a different status", big, [submit], "status: COMPLETED", "expect.status: Expected the status COMPLETED, found RUNNING."],
  ["different data", big, [], "data: { amount: 5, note: x }", "expect.data.amount: Expected 5, found 500."],
  ["an extra task", big, [submit], "tasks: []", "expect.tasks: There are more open tasks than expected: review."],
  ["a missing task", big, [], "tasks: [review]", 'expect.tasks.0: Expected the open task "review", but the open tasks are: none.'],
  [
    "a different due time",
    big,
    [submit],
    "tasks: [{ task: review, due: 2026-03-02T09:00:00Z }]",
    'expect.tasks.0: Expected the open task "review" due 2026-03-02T09:00:00.000Z, but it is due 2026-03-03T09:00:00.000Z.',
  ],
  ["no incident", big, [], "incident: LOOP", "expect.incident: Expected an incident LOOP, found none."],
  [
    "data that does not fit",
    big,
    ["{ data: { note: 5 } }"],
    "state: draft",
    'steps.0: "data" by olga is rejected: data.note: Expected text, found 5.',
  ],
  [
    "a failed expectation of a step",
    big,
    [`{ fire: submit, expect: { state: check } }`, "{ fire: approve, by: mia }"],
    "state: done",
    'steps.0.expect.state: Expected the state "check", found "review".',
  ],
])("a scenario fails for %s, and says where and why", (_what, given, steps, wanted, failure) => {
  expect(failuresOf(given, steps, wanted)[0]).toBe(failure);
});

test("an incident fails a scenario that does not expect it", () => {
  const looping = definition.replace(
    "big: { to: review, auto: true, when: data.amount > 100 }",
    "big: { to: check, auto: true, when: data.amount > 100, actions: [{ set: { data.amount: data.amount } }] }\n      out: { to: review }",
  );
  const scenario = (wanted: string) =>
    resultsOf(`- { name: It, given: { data: { amount: 500 } }, steps: [{ fire: submit }], expect: { ${wanted} } }`, looping)[0]?.failures;
  expect(scenario("state: check")).toMatchObject([
    { path: ["scenarios", 0, "expect", "incident"], message: expect.stringContaining("forever") as unknown },
  ]);
  expect(scenario("state: check, status: FAILED, incident: LOOP")).toEqual([]);
});

test("scenarios that a later release cannot read do not stop the instances of a published version", () => {
  const unreadable = {
    weft: 1,
    key: "old",
    name: "Old",
    initial: "draft",
    states: { draft: { transitions: { end: { to: "done" } } }, done: { final: "completed" } },
    scenarios: [{ name: "a", steps: [{ refused: "end" }], expect: { state: "draft" } }],
  };
  expect(compile(unreadable)).toMatchObject({ ok: false, problems: [{ code: "UNKNOWN_KEY" }, {}] });
  expect(compile(unreadable, { isPublished: true })).toMatchObject({ ok: true, machine: { scenarios: [] } });
});

test.each<[string, string, string]>([
  ["a value that is not a list", "5", "WRONG_TYPE scenarios"],
  ["a missing name", "[{ expect: { state: done } }]", "MISSING scenarios[0].name"],
  ["the same name twice", "[{ name: a, expect: { state: done } }, { name: a, expect: { state: done } }]", "BAD_VALUE scenarios[1].name"],
  ["a missing expectation", "[{ name: a }]", "MISSING scenarios[0].expect"],
  ["an empty expectation", "[{ name: a, expect: {} }]", "BAD_VALUE scenarios[0].expect"],
  ["an unknown state", "[{ name: a, expect: { state: dome } }]", "UNKNOWN_STATE scenarios[0].expect.state"],
  ["an unknown state on the path", "[{ name: a, expect: { path: [draft, dome] } }]", "UNKNOWN_STATE scenarios[0].expect.path[1]"],
  ["an unknown task", "[{ name: a, expect: { tasks: [revue] } }]", "UNKNOWN_TASK scenarios[0].expect.tasks[0]"],
  ["an unknown status", "[{ name: a, expect: { status: DONE } }]", "BAD_VALUE scenarios[0].expect.status"],
  ["an unknown transition", "[{ name: a, steps: [{ fire: sumbit }], expect: { state: done } }]", "BAD_VALUE scenarios[0].steps[0].fire"],
  [
    "two operations in a step",
    "[{ name: a, steps: [{ fire: submit, cancel: true }], expect: { state: done } }]",
    "BAD_VALUE scenarios[0].steps[0]",
  ],
  ["a step without an operation", "[{ name: a, steps: [{ by: mia }], expect: { state: done } }]", "BAD_VALUE scenarios[0].steps[0]"],
  [
    "a key that its operation does not have",
    "[{ name: a, steps: [{ fire: submit, with: approve }], expect: { state: done } }]",
    "UNKNOWN_KEY scenarios[0].steps[0].with",
  ],
  [
    "an unknown user",
    `[{ name: a, given: { ${people} }, steps: [{ fire: submit, by: olag }], expect: { state: done } }]`,
    "BAD_VALUE scenarios[0].steps[0].by",
  ],
  [
    "a role that the tenant does not have",
    "[{ name: a, given: { people: { mia: [manger] } }, expect: { state: done } }]",
    "UNKNOWN_ROLE scenarios[0].given.people.mia[0]",
  ],
  [
    "an unknown route",
    "[{ name: a, given: { routes: { buyers: [] } }, expect: { state: done } }]",
    "UNKNOWN_KEY scenarios[0].given.routes.buyers",
  ],
  ["a bad clock", "[{ name: a, given: { now: tomorrow }, expect: { state: done } }]", "BAD_VALUE scenarios[0].given.now"],
  ["a bad duration", "[{ name: a, steps: [{ advance: 2 days }], expect: { state: done } }]", "BAD_VALUE scenarios[0].steps[0].advance"],
  [
    "an unknown reason",
    "[{ name: a, steps: [{ rejected: submit, because: rule }], expect: { state: done } }]",
    "BAD_VALUE scenarios[0].steps[0].because",
  ],
  [
    "too many entries",
    JSON.stringify(Array.from({ length: 51 }, (_, index) => ({ name: `s${index}`, expect: { state: "done" } }))),
    "TOO_LARGE scenarios",
  ],
])("a definition whose scenarios have %s is not compiled", (_what, scenarios, problem) => {
  const { document, locate } = parseDefinition(`${definition}scenarios: ${scenarios}\n`);
  const compiled = compile(document, { locate, knownRoles: ["manager", "requester"] });
  expect(compiled.ok ? [] : compiled.problems.map(({ code, path, line }) => `${code} ${path}${line === 29 ? "" : ` at ${line}`}`)).toEqual([
    problem,
  ]);
});
