import { expect, test } from "vitest";
import { fire } from "./fire.js";
import { inState, now, outcomeOf, rita, small } from "./fixtures/small.js";
import type { Outcome } from "./outcome.js";
import { isPlainMove } from "./plain.js";

const machine = small(
  "{ transitions: { close: { to: next } } }",
  undefined,
  "  next: { task: { title: T, candidates: { roles: [a] } }, transitions: { end: { to: closed } } }\n",
);
const plain = outcomeOf(fire(machine, inState("open", { data: {} }), { transition: "close", actor: rita, now }));
const [task] = plain.openTasks;

test("one transition by a person that opens tasks for those whom the definition names is plain", () => {
  expect(plain.openTasks).toHaveLength(1);
  expect(isPlainMove([plain])).toBe(true);
  expect(isPlainMove([{ ...plain, kind: "start" }])).toBe(true);
});

test.each<[string, Partial<Outcome>]>([
  ["another kind of move", { kind: "cancel" }],
  ["a task that is routed", { openTasks: task ? [{ ...task, route: "facilities" }] : [] }],
  ["a task for people of the data", { openTasks: task ? [{ ...task, isFromData: true }] : [] }],
  ["children to start", { startChildren: [{ rule: "part", index: 0, definition: "part", data: {} }] }],
  ["children to end", { cancelsChildren: true }],
  ["an incident", { incident: { kind: "LOOP", message: "Round", place: "states.open" } }],
  ["the end of an incident", { resolution: { action: "RETRY", comment: null } }],
  ["another version of the definition", { definitionId: "new" }],
  ["ids to look up", { references: [{ path: "input.who", type: "user", id: "usr_1" }] }],
  ["a move by itself", { isAutomatic: true }],
  ["a vote", { vote: { rule: "t", transition: "close", by: ["rita"] } }],
  ["a timer", { timersToSet: [{ rule: "t", dueAt: now }] }],
])("%s is not", (_what, change) => {
  expect(isPlainMove([{ ...plain, ...change }])).toBe(false);
});

test("nor is a move upon which others follow", () => {
  expect(isPlainMove([plain, plain])).toBe(false);
});
