import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { parseDefinition } from "../document/parse.js";

const problemsOf = (escalations: string): string[] => {
  const source = `weft: 1
key: k
name: N
data: { properties: { n: { type: number }, level: { type: string, enum: [low, high] } } }
initial: a
slas: { late: { target: PT1H } }
escalations: ${escalations}
states:
  a: { task: { title: T, candidates: { owner: true } }, transitions: { go: { to: b }, say: { to: b, comment: required } } }
  b: { final: completed }
`;
  const { document, problems } = parseDefinition(source, "yaml");
  expect(problems).toEqual([]);
  const result = compile(document, { knownRoles: ["operations"] });
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};
const paths = (escalations: string): string[] =>
  problemsOf(escalations)
    .map((one) => one.slice(0, one.indexOf(": ")))
    .toSorted();

test("an escalation with every kind of level is accepted", () => {
  expect(
    problemsOf(`
  x: { on: { state: a }, when: "data.n > 1", calendar: support, levels: [{ notify: { owner: true, roles: [operations] } }, { after: PT4H, reassign: lead, priority: high }, { after: 1 working day, fire: go, start: { definition: other, data: { n: data.n } } }] }
  y: { on: { task: a }, levels: [{ after: PT0S, raise: { field: data.level, to: high } }] }
  z: { on: { sla: late, at: warning }, levels: [{ after: 2 working hours, reassign: { route: facilities } }] }`),
  ).toEqual([]);
});

test("every problem of an escalation has its path", () => {
  expect(
    paths(`
  "1": {}
  nowhere: { on: { state: c }, levels: [{ notify: { lead: true } }] }
  final: { on: { state: b }, levels: [{ notify: { lead: true } }] }
  task: { on: { task: t }, levels: [{ notify: { lead: true } }] }
  sla: { on: { sla: late }, levels: [{ notify: { lead: true } }] }
  both: { on: { sla: late, state: a }, levels: [{ notify: { lead: true } }] }
  calendar: { on: { sla: late, at: breach }, calendar: support, levels: [{ notify: { lead: true } }] }
  levels: { on: { state: a }, when: "actor.id == 'x'", levels: [{}, { after: soon, notify: {} }, { after: PT2H, priority: high }, { after: PT1H, priority: huge }, { fire: fly, reassign: boss }, { fire: say }, { raise: { field: data.n, to: 1 } }, { raise: { field: data.level, to: mid } }, { notify: { roles: [nobody] }, start: { data: { n: data.m } } }] }
  none: { on: { state: a }, levels: [] }
  missing: { on: { state: a } }`),
  ).toEqual(
    [
      'escalations["1"]',
      "escalations.nowhere.on.state",
      "escalations.final.on.state",
      "escalations.task.on.task",
      "escalations.sla.on.at",
      "escalations.both.on",
      "escalations.calendar.calendar",
      "escalations.levels.when",
      "escalations.levels.levels[0]",
      "escalations.levels.levels[1].after",
      "escalations.levels.levels[1].notify",
      "escalations.levels.levels[3].after",
      "escalations.levels.levels[3].priority",
      "escalations.levels.levels[4].after",
      "escalations.levels.levels[4].fire",
      "escalations.levels.levels[4].reassign",
      "escalations.levels.levels[5].fire",
      "escalations.levels.levels[6].raise.field",
      "escalations.levels.levels[7].raise.to",
      "escalations.levels.levels[8].notify.roles[0]",
      "escalations.levels.levels[8].start.data.n",
      "escalations.levels.levels[8].start.definition",
      "escalations.none.levels",
      "escalations.missing.levels",
    ].toSorted(),
  );
});

test("there are at most 20 escalations with 10 levels each", () => {
  const level = "{ notify: { owner: true } }";
  const chain = `{ on: { state: a }, levels: [${level}] }`;
  const many = Array.from({ length: 21 }, (_, n) => `e${n}: ${chain}`).join(", ");
  expect(problemsOf(`{ ${many} }`)).toEqual(["escalations: There are 21 escalations; the maximum is 20."]);
  const long = Array.from({ length: 11 }, () => level).join(", ");
  expect(problemsOf(`{ e: { on: { state: a }, levels: [${long}] } }`)).toEqual([
    "escalations.e.levels: There are 11 levels; the maximum is 10.",
  ]);
});
