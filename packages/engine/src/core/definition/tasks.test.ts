import { expect, test } from "vitest";
import { compile } from "./compile.js";

/** Returns the problems of a definition whose open state has this body, as `path: code`. */
function problemsOf(open: object, more: object = {}): string[] {
  const result = compile({
    weft: 1,
    key: "a",
    name: "A",
    data: { properties: { people: { type: "array" }, who: { type: "string" }, n: { type: "number" } } },
    initial: "open",
    states: {
      open: { transitions: { yes: { to: "end" }, no: { to: "end" }, split: { to: "end" } }, ...open },
      end: { final: "completed" },
      ...more,
    },
  });
  return result.ok ? [] : result.problems.map(({ path, code }) => `${path}: ${code}`);
}

const candidates = { roles: ["a"] };
const tasks = (count: number, more: object = {}) => ({ t: { title: "T", candidates, count, ...more } });

test.each<[string, object, string[]]>([
  ["several tasks", { tasks: { ...tasks(3), each: { title: "E", for: "data.people" } }, decide: { yes: "all", no: "any" } }, []],
  ["a quorum that is always reached", { tasks: tasks(3), decide: { yes: 2, no: 2 } }, []],
  ["an otherwise for a split vote", { tasks: tasks(4), decide: { yes: 3, no: 2, otherwise: "split" } }, []],
  ["both task and tasks", { task: { title: "T", candidates }, tasks: tasks(1) }, ["states.open.task: BAD_VALUE"]],
  ["no tasks", { tasks: {} }, ["states.open.tasks: BAD_VALUE"]],
  [
    "21 tasks",
    { tasks: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`t${n}`, { title: "T", candidates }])) },
    ["states.open.tasks: TOO_LARGE"],
  ],
  ["a bad name", { tasks: { "a b": { title: "T", candidates } } }, ['states.open.tasks["a b"]: BAD_VALUE']],
  ["the name of another state", { tasks: { end: { title: "T", candidates } } }, ["states.open.tasks.end: BAD_VALUE"]],
  ["count and for", { tasks: tasks(2, { for: "data.people" }) }, ["states.open.tasks.t.count: BAD_VALUE"]],
  ["a count of 101", { tasks: tasks(101) }, ["states.open.tasks.t.count: BAD_VALUE"]],
  [
    "300 tasks at once",
    { tasks: { ...tasks(100), u: { title: "U", candidates, count: 100 }, v: { title: "V", candidates, count: 100 } } },
    ["states.open.tasks: TOO_LARGE"],
  ],
  ["a count of half a task", { tasks: tasks(0.5) }, ["states.open.tasks.t.count: BAD_VALUE"]],
  ["for with a path that is not a list", { tasks: { t: { title: "T", for: "data.who" } } }, ["states.open.tasks.t.for: UNKNOWN_PATH"]],
  [
    "candidates from a number",
    { tasks: { t: { title: "T", candidates: { from: "data.n" } } } },
    ["states.open.tasks.t.candidates.from: UNKNOWN_PATH"],
  ],
  [
    "candidates from a path that does not exist",
    { tasks: { t: { title: "T", candidates: { from: ["data.x"] } } } },
    ["states.open.tasks.t.candidates.from[0]: UNKNOWN_PATH"],
  ],
  ["a bad duration", { tasks: { t: { title: "T", candidates, due: "2 days" } } }, ["states.open.tasks.t.due: BAD_VALUE"]],
  ["a due time from a list", { tasks: { t: { title: "T", candidates, due: "data.people" } } }, ["states.open.tasks.t.due: UNKNOWN_PATH"]],
  ["a bad priority", { tasks: { t: { title: "T", candidates, priority: "hihg" } } }, ["states.open.tasks.t.priority: BAD_VALUE"]],
  [
    "an empty checklist item",
    { tasks: { t: { title: "T", candidates, checklist: ["a", " "] } } },
    ["states.open.tasks.t.checklist[1]: BAD_VALUE"],
  ],
  ["votes without tasks", { decide: { yes: "all" } }, ["states.open.decide: BAD_VALUE"]],
  ["votes for nothing", { tasks: tasks(1), decide: {} }, ["states.open.decide: BAD_VALUE"]],
  ["votes for a transition that does not exist", { tasks: tasks(1), decide: { yse: "any" } }, ["states.open.decide.yse: BAD_VALUE"]],
  ["more votes than tasks", { tasks: tasks(2), decide: { yes: 3, no: "any" } }, ["states.open.decide.yes: BAD_VALUE"]],
  ["votes that can get stuck", { tasks: tasks(2), decide: { yes: "all", no: "all" } }, ["states.open.decide: DEAD_END"]],
  ["votes that can get stuck in pairs", { tasks: tasks(4), decide: { yes: 3, no: 3 } }, ["states.open.decide: DEAD_END"]],
  [
    "votes from a list that can get stuck",
    { tasks: { t: { title: "T", for: "data.people" } }, decide: { yes: 2, no: "any" } },
    ["states.open.decide: DEAD_END"],
  ],
  [
    "an otherwise transition with an allow rule",
    {
      tasks: tasks(2),
      decide: { yes: "all", otherwise: "no" },
      transitions: { yes: { to: "end" }, no: { to: "end", allow: { owner: true }, comment: "required" } },
    },
    ["states.open.transitions.no.allow: BAD_VALUE", "states.open.transitions.no.comment: BAD_VALUE"],
  ],
  [
    "a step that does not exist",
    { transitions: { yes: { to: "end", allow: { notSameAs: ["open.yse", "opne.yes", "ownr"] } } } },
    [
      "states.open.transitions.yes.allow.notSameAs[2]: BAD_VALUE",
      "states.open.transitions.yes.allow.notSameAs[0]: BAD_VALUE",
      "states.open.transitions.yes.allow.notSameAs[1]: UNKNOWN_STATE",
    ],
  ],
])("%s: every problem has its path", (_what, open, expected) => {
  expect(problemsOf(open)).toEqual(expected);
});
