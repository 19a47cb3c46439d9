import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { parseDefinition } from "../document/parse.js";

const problemsOf = (more: string): string[] => {
  const source = `weft: 1\nkey: k\nname: N\ndata: { properties: { n: { type: number } } }\ninitial: a\n${more}\n`;
  const { document, problems } = parseDefinition(source, "yaml");
  expect(problems).toEqual([]);
  const result = compile(document);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};
const states = "states: { a: { transitions: { go: { to: b } } }, b: { final: completed } }";

test("every problem of an SLA has its path", () => {
  expect(
    problemsOf(
      `slas: { x: { target: 3 busy hours, warn: [120%], calendar: Big Ben, notify: { breach: [boss] }, pause: { states: [c] }, stop: {}, start: { when: "data.m > 1" } }, "1": {} }\n${states}`,
    )
      .map((one) => one.slice(0, one.indexOf(": ")))
      .toSorted(),
  ).toEqual(
    [
      'slas["1"]',
      "slas.x.calendar",
      "slas.x.notify.breach[0]",
      "slas.x.pause.states[0]",
      "slas.x.start.when",
      "slas.x.stop",
      "slas.x.target",
      "slas.x.warn[0]",
    ].toSorted(),
  );
});

test("a condition that reads the actor is refused, and a target without a condition must be the last", () => {
  expect(problemsOf(`slas: { x: { target: PT1H, stop: { when: "'a' in actor.roles" } } }\n${states}`)).toEqual([
    'slas.x.stop.when: The condition of an SLA cannot read "actor.roles": it is evaluated without a user.',
  ]);
  expect(problemsOf(`slas: { x: { target: [{ target: PT1H }, { when: "data.n > 1", target: PT2H }] } }\n${states}`)).toEqual([
    expect.stringContaining("slas.x.target[0]: A target without `when`"),
  ]);
});

test("a final state has no SLA, and a state and an SLA of the instance cannot have the same name", () => {
  expect(problemsOf("states: { a: { transitions: { go: { to: b } } }, b: { final: completed, sla: PT1H } }")).toEqual([
    expect.stringContaining('states.b.sla: A final state cannot have "sla"'),
  ]);
  expect(
    problemsOf("slas: { a: { target: PT1H } }\nstates: { a: { sla: PT1H, transitions: { go: { to: b } } }, b: { final: completed } }"),
  ).toEqual([expect.stringContaining('states.a.sla: There is already an SLA named "a".')]);
});
