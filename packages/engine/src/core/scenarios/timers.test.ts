import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { parseDefinition } from "../document/parse.js";
import { machineOf } from "../fixtures/small.js";
import type { Machine } from "../model/machine.js";
import { runScenarios } from "./run.js";

const definition = (timers: string, more = ""): string => `weft: 1
key: offer
name: Offer
data: { properties: { at: { type: string }, n: { type: number } } }
initial: open
states:
  open:
    task: { title: Answer, candidates: { owner: true }, due: P4D, timers: { soon: { before: P1D, remind: owner } } }
    timers: ${timers}
    transitions:
      expire: { to: over, auto: timer, when: "!has(data.n)" }
      accept: { to: done }
      say: { to: done, comment: required }
      ask: { to: done, input: { required: [n], properties: { n: { type: number } } } }
  over: { transitions: { renew: { to: open }, give_up: { to: lost } } }
  done: { final: completed }
  lost: { final: rejected }
${more}`;

const problemsOf = (timers: string): string[] => {
  const parsed = parseDefinition(definition(timers));
  const result = compile(parsed.document, parsed);
  return result.ok ? [] : result.problems.map(({ code, path }) => `${code} ${path}`);
};

test("every problem of a timer is reported with its path", () => {
  const expire = "expire: { after: P5D, fire: expire }";
  expect(problemsOf(`{ ${expire} }`)).toEqual([]);
  expect(problemsOf("{}")).toEqual(["NEVER_FIRES states.open.transitions.expire.auto"]);
  expect(problemsOf(`{ ${expire}, a: { fire: accept } }`)).toEqual(["BAD_VALUE states.open.timers.a"]);
  expect(problemsOf(`{ ${expire}, a: { after: P1D, at: data.at, fire: accept } }`)).toEqual(["BAD_VALUE states.open.timers.a"]);
  expect(problemsOf(`{ ${expire}, a: { after: P1D } }`)).toEqual(["BAD_VALUE states.open.timers.a"]);
  expect(problemsOf(`{ ${expire}, a: { after: tomorrow, fire: accept } }`)).toEqual(["BAD_VALUE states.open.timers.a.after"]);
  expect(problemsOf(`{ ${expire}, a: { at: data.nothing, fire: accept } }`)).toEqual(["UNKNOWN_PATH states.open.timers.a.at"]);
  expect(problemsOf(`{ ${expire}, a: { after: P1D, fire: renew } }`)).toEqual(["BAD_VALUE states.open.timers.a.fire"]);
  expect(problemsOf(`{ ${expire}, a: { after: P1D, fire: say } }`)).toEqual(["BAD_VALUE states.open.timers.a.fire"]);
  expect(problemsOf(`{ ${expire}, a: { after: P1D, fire: ask } }`)).toEqual(["BAD_VALUE states.open.timers.a.fire"]);
  expect(problemsOf(`{ ${expire}, a: { after: P1D, remind: [boss] } }`)).toEqual(["BAD_VALUE states.open.timers.a.remind[0]"]);
  expect(problemsOf(`{ ${expire}, a: { after: P1D, fire: accept, every: P1D, times: 3 } }`)).toEqual([
    "BAD_VALUE states.open.timers.a.every",
  ]);
  expect(problemsOf(`{ ${expire}, a: { after: P1D, remind: owner, every: P1D } }`)).toEqual(["BAD_VALUE states.open.timers.a.times"]);
  expect(problemsOf(`{ ${expire}, a: { before: P1D, remind: owner } }`)).toEqual([
    "UNKNOWN_KEY states.open.timers.a.before",
    "BAD_VALUE states.open.timers.a",
  ]);
});

/** Messages of the scenarios that fail. */
function failures(machine: Machine): string[] {
  const run = runScenarios(machine);
  for (let next = run.next(); ; next = run.next())
    if (next.done) return next.value.flatMap((one) => one.failures.map(({ message }) => message));
}

function failuresOf(timers: string, steps: string, end: string): string[] {
  const text = definition(
    timers,
    `scenarios:\n  - { name: S, given: { now: "2026-01-01T00:00:00Z", owner: rita, people: { rita: [] }, data: {} }, steps: [${steps}], expect: { state: ${end} } }\n`,
  );
  return failures(machineOf(text));
}

test("scenarios fire timers when they advance their clock, in order, each at its time", () => {
  const timers = "{ expire: { after: P5D, fire: expire }, mark: { after: P2D, every: P1D, times: 2, actions: [ set: { data.at: now } ] } }";
  expect(
    failuresOf(
      timers,
      "{ advance: P1D, expect: { state: open, data: { at: null } } }, { advance: P1D, expect: { data: { at: '2026-01-03T00:00:00.000Z' } } }",
      "open",
    ),
  ).toEqual([]);
  expect(failuresOf(timers, "{ advance: P4D, expect: { state: open, data: { at: '2026-01-04T00:00:00.000Z' } } }", "open")).toEqual([]);
  expect(
    failuresOf(
      timers,
      "{ advance: P5D, expect: { state: over, tasks: [] } }, { fire: renew, by: rita }, { advance: P5D, expect: { state: over } }",
      "over",
    ),
  ).toEqual([]);
  expect(failuresOf(timers, "{ data: { n: 1 }, by: rita }, { advance: P50D }", "open")).toEqual([]);
  expect(failuresOf(timers, "{ advance: P5D }", "open")).toHaveLength(1);
});

test("timers that set each other forever become an incident", () => {
  const text = `weft: 1
key: loop
name: Loop
data: { properties: { at: { type: string } } }
initial: a
states:
  a: { timers: { on: { at: data.at, fire: on } }, transitions: { on: { to: b }, end: { to: done } } }
  b: { timers: { on: { at: data.at, fire: on } }, transitions: { on: { to: a } } }
  done: { final: completed }
scenarios:
  - name: S
    given: { now: "2026-01-01T00:00:00Z", owner: rita, people: { rita: [] }, data: { at: "2025-01-01" } }
    steps: [ { advance: PT1S, expect: { incident: LOOP } } ]
    expect: { status: FAILED }
`;
  expect(failures(machineOf(text))).toEqual([]);
});
