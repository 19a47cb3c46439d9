import { describe, expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { parseDefinition } from "../document/parse.js";
import { machineOf } from "../fixtures/small.js";
import { runScenarios } from "./run.js";

const definition = `weft: 1
key: orders
name: Orders
data:
  properties:
    title: { type: string }
    reply: { type: object, properties: { status: { type: number } }, additionalProperties: true }
    note: { type: string }
initial: draft
states:
  draft:
    transitions:
      order:
        to: ordering
        actions:
          - call: { integration: crm, action: request, input: { method: "'POST'", body: data.title }, into: data.reply, then: ordered, onFailure: refused }
      announce: { to: draft, actions: [{ call: { integration: crm, action: note.add, into: data.note } }] }
      post: { to: draft, actions: [{ call: { integration: chat, action: post, input: { text: data.title } } }] }
      wait: { to: ordering }
  ordering:
    timers: { late: { after: P2D, fire: again } }
    transitions:
      ordered: { to: checking, auto: call, when: "data.reply.status < 300" }
      refused: { to: failed, auto: call, actions: [{ call: { integration: crm, action: request, input: { method: "'DELETE'" } } }] }
      again: { to: ordering, actions: [{ call: { integration: crm, action: request, into: data.reply, then: ordered, onFailure: refused } }] }
      leave: { to: draft }
  checking: { transitions: { over: { to: done, auto: true, when: "data.reply.status == 200" }, look: { to: done } } }
  done: { final: completed }
  failed: { final: rejected }
`;

const withScenario = (steps: readonly string[], wanted: string, text = definition): string =>
  `${text}scenarios:\n  - { name: It, given: { data: { title: Chairs }, people: { olga: [] } }, steps: [${steps.join(", ")}], expect: { ${wanted} } }\n`;

function failuresOf(...given: Parameters<typeof withScenario>): string[] {
  const run = runScenarios(machineOf(withScenario(...given)));
  for (let next = run.next(); ; next = run.next())
    if (next.done)
      return next.value.flatMap(({ failures }) => failures.map(({ path, message }) => `${path.slice(2).join(".")}: ${message}`));
}

const problemsOf = (...given: Parameters<typeof withScenario>): string[] => {
  const parsed = parseDefinition(withScenario(...given));
  const result = compile(parsed.document, parsed);
  return result.ok ? [] : result.problems.map(({ code, path, line, message }) => `${code} ${path} ${line}: ${message}`);
};

const [order, announce, post] = ["{ fire: order }", "{ fire: announce }", "{ fire: post }"];
const fine = "{ call: crm.request, result: { status: 200 } }";

describe("the result of a call", () => {
  test("is written and fires the transition of success, from which the instance continues automatically", () => {
    expect(failuresOf([order, fine], "state: done, path: [draft, ordering, checking, done], data: { reply: { status: 200 } }")).toEqual([]);
    expect(failuresOf([order, "{ call: crm.request, result: { status: 201 } }"], "state: checking, status: RUNNING")).toEqual([]);
  });

  test("that fires nothing because the condition does not hold is written all the same", () => {
    const outcome = "calls: [{ call: crm.request, outcome: SKIPPED }], data: { reply: { status: 404 } }";
    expect(failuresOf([order, "{ call: crm.request, result: { status: 404 } }"], `state: ordering, ${outcome}`)).toEqual([]);
  });

  test("acts only on the visit of the state that made the call", () => {
    const late = "calls: [{ call: crm.request, outcome: SKIPPED }, { call: crm.request, outcome: PENDING }], data: { reply: null }";
    const first = "{ call: crm.request, number: 1, result: { status: 200 } }";
    expect(failuresOf([order, "{ fire: again }", first], `state: ordering, ${late}`)).toEqual([]);
    expect(failuresOf([order, "{ advance: P2D }", first], `state: ordering, ${late}`)).toEqual([]);
    expect(failuresOf([order, "{ fire: leave }", fine], "state: draft, data: { reply: null }")).toEqual([]);
  });

  test("is that of the current visit, unless the step says otherwise", () => {
    const expected = "state: done, calls: [{ call: crm.request, outcome: PENDING }, { call: crm.request, outcome: DONE }]";
    expect(failuresOf([order, "{ fire: again }", fine], expected)).toEqual([]);
  });

  test("without `then` is written in any state, unless a later call writes the same data", () => {
    const note = (number: number): string => `{ call: crm.note.add, number: ${number}, result: Note ${number} }`;
    expect(failuresOf([announce, "{ fire: wait }", note(1)], "state: ordering, data: { note: Note 1 }")).toEqual([]);
    const second = "data: { note: Note 2 }, calls: [{ call: crm.note.add, outcome: SKIPPED }, { call: crm.note.add, outcome: DONE }]";
    expect(failuresOf([announce, announce, note(2), note(1)], second)).toEqual([]);
    expect(failuresOf([announce, announce, note(1), note(2)], second)).toEqual([]);
  });

  test("that does not match the data stops the instance with an incident, after which other results wait", () => {
    const steps = [announce, order, "{ call: crm.note.add, result: 5, expect: { incident: JOB, status: FAILED, state: ordering } }", fine];
    const calls = "calls: [{ call: crm.note.add, outcome: FAILED }, { call: crm.request, outcome: WAITING }]";
    expect(failuresOf(steps, `incident: JOB, state: ordering, data: { note: null, reply: null }, ${calls}`)).toEqual([]);
    expect(failuresOf([announce, "{ call: crm.note.add, result: 5 }"], "state: draft")).toEqual([
      "expect.incident: An incident was opened: The result of the call of crm cannot be used: data.note: Expected text, found 5.",
    ]);
  });

  test("of a call that needs none changes nothing, and does not stop the instance", () => {
    expect(
      failuresOf([post, "{ call: chat.post, result: { any: [1] } }"], "state: draft, calls: [{ call: chat.post, outcome: DONE }]"),
    ).toEqual([]);
    expect(
      failuresOf([post, "{ call: chat.post, failure: Gone }"], "state: draft, calls: [{ call: chat.post, outcome: SKIPPED }]"),
    ).toEqual([]);
  });

  test("is null if the step does not say it", () => {
    expect(failuresOf([order, "{ call: crm.request }"], "incident: JOB, state: ordering")).toEqual([]);
    const nullable = definition.replace("note: { type: string }", 'note: { type: ["string", "null"] }');
    expect(
      failuresOf([announce, "{ call: crm.note.add }"], "state: draft, calls: [{ call: crm.note.add, outcome: DONE }]", nullable),
    ).toEqual([]);
  });

  test("of an instance that has ended does nothing", () => {
    expect(failuresOf([order, "{ cancel: true }", fine], "status: CANCELLED, calls: [{ call: crm.request, outcome: SKIPPED }]")).toEqual(
      [],
    );
  });
});

describe("a call that fails", () => {
  test("fires the transition of failure, which can make further calls", () => {
    const calls =
      "calls: [{ call: crm.request, outcome: DONE, input: { method: POST, body: Chairs } }, { call: crm.request, input: { method: DELETE, body: null } }]";
    expect(failuresOf([order, "{ call: crm.request, failure: Refused }"], `state: failed, data: { reply: null }, ${calls}`)).toEqual([]);
  });

  test("stops the instance if the definition has no transition for that, and lets an earlier call write the same data", () => {
    const failed = "{ call: crm.note.add, number: 2, failure: The server answered 422 }";
    const calls = "calls: [{ call: crm.note.add, outcome: PENDING }, { call: crm.note.add, outcome: FAILED }]";
    expect(failuresOf([announce, announce, failed], `incident: JOB, state: draft, ${calls}`)).toEqual([]);
    expect(failuresOf([announce, failed.replace("number: 2, ", "")], "state: draft")).toEqual([
      "expect.incident: An incident was opened: The call of crm failed: The server answered 422",
    ]);
  });
});

test.each<[string, readonly string[], string, string]>([
  ["a call that was not made", [fine], "state: draft", "steps.0: There is no open call crm.request; no call is open."],
  [
    "a call of another action",
    [post, announce, fine],
    "state: draft",
    "steps.2: There is no open call crm.request; the open calls are: chat.post, crm.note.add.",
  ],
  [
    "a number that no call has",
    [order, "{ call: crm.request, number: 2 }"],
    "state: draft",
    "steps.1: There is no open call crm.request number 2; the open calls are: crm.request.",
  ],
  [
    "a call that has its result",
    [post, "{ call: chat.post }", "{ call: chat.post, number: 1 }"],
    "state: draft",
    "steps.2: The call chat.post number 1 has its result already.",
  ],
  ["a missing call", [], "calls: [chat.post]", "expect.calls.0: Expected chat.post, found nothing. All calls: none."],
  [
    "another call",
    [order, "{ fire: leave }", post],
    "calls: [crm.request, crm.note.add]",
    "expect.calls.1: Expected crm.note.add, found chat.post PENDING. All calls: crm.request PENDING, chat.post PENDING.",
  ],
  ["a call too many", [post], "calls: []", "expect.calls: There were more calls than expected: chat.post PENDING."],
  [
    "another outcome",
    [order, "{ fire: leave }", fine],
    "calls: [{ call: crm.request, outcome: DONE }]",
    "expect.calls.0: Expected crm.request DONE, found crm.request SKIPPED (The instance has left the state in which it made the call.). All calls: crm.request SKIPPED (The instance has left the state in which it made the call.).",
  ],
  [
    "another input",
    [post],
    "calls: [{ call: chat.post, input: { text: Tables, channel: main } }]",
    'expect.calls.0.input.text: Expected "Tables", found "Chairs".',
  ],
])("a scenario fails for %s, and says where and why", (_what, steps, wanted, failure) => {
  expect(failuresOf(steps, wanted)[0]).toBe(failure);
});

test.each<[string, readonly string[], string, string]>([
  [
    "a call that the definition does not make",
    ["{ call: crm.reqest }"],
    "state: draft",
    'BAD_VALUE scenarios[0].steps[0].call 31: The definition makes no call "crm.reqest". Did you mean "crm.request"?',
  ],
  [
    "an integration without an action",
    [],
    "calls: [{ call: crm }]",
    'BAD_VALUE scenarios[0].expect.calls[0].call 31: The definition makes no call "crm". Known values: "crm.request", "crm.note.add", "chat.post".',
  ],
  [
    "a result and a failure",
    ["{ call: crm.request, result: {}, failure: No }"],
    "state: draft",
    "BAD_VALUE scenarios[0].steps[0].failure 31: A call has either a result or a failure.",
  ],
  [
    "a number that is not one",
    ["{ call: crm.request, number: 0 }"],
    "state: draft",
    "BAD_VALUE scenarios[0].steps[0].number 31: number must be the number of one of several calls of the action, starting at 1, not 0.",
  ],
  [
    "an empty failure",
    ['{ call: crm.request, failure: "" }'],
    "state: draft",
    'BAD_VALUE scenarios[0].steps[0].failure 31: "" cannot be used here; it should look like The order was refused.',
  ],
  [
    "a person who answers",
    ["{ call: crm.request, by: olga }"],
    "state: draft",
    'UNKNOWN_KEY scenarios[0].steps[0].by 31: A step with "call" cannot have "by".',
  ],
  [
    "an unknown outcome",
    [],
    "calls: [{ call: crm.request, outcome: OPEN }]",
    'BAD_VALUE scenarios[0].expect.calls[0].outcome 31: outcome must be one of PENDING, WAITING, DONE, SKIPPED, FAILED, not "OPEN".',
  ],
  [
    "a forbidden key in a result",
    ['{ call: crm.request, result: { "__proto__": 1 } }'],
    "state: draft",
    'FORBIDDEN_KEY scenarios[0].steps[0].result.__proto__ 31: The name "__proto__" is not allowed.',
  ],
])("a definition whose scenarios have %s is not compiled", (_what, steps, wanted, problem) => {
  expect(problemsOf(steps, wanted)).toEqual([problem]);
});
