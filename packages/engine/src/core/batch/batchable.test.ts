import { expect, test } from "vitest";
import { fire } from "../transition/fire.js";
import { inState, now, outcomeOf, rita, small } from "../fixtures/small.js";
import type { Outcome } from "../model/outcome.js";
import { isBatchable } from "./batchable.js";

const machine = small(
  "{ transitions: { close: { to: next } } }",
  undefined,
  "  next: { task: { title: T, candidates: { roles: [a] } }, transitions: { end: { to: closed } } }\n",
);
const batchable = outcomeOf(fire(machine, inState("open", { data: {} }), { transition: "close", actor: rita, now }));
const [task] = batchable.openTasks;

test("a single transition by a user that opens tasks for candidates named in the definition is batchable", () => {
  expect(batchable.openTasks).toHaveLength(1);
  expect(isBatchable([batchable])).toBe(true);
  expect(isBatchable([{ ...batchable, kind: "start" }])).toBe(true);
});

test("a transition that sets and clears timers is batchable", () => {
  const timer = { kind: "STATE", name: "t", state: "open", dueAt: now, payload: {} } as const;
  const change = { timersToSet: [timer], timersToClear: [{ kind: "STATE", name: null, taskId: null }] } as const;
  expect(isBatchable([{ ...batchable, ...change, openTasks: batchable.openTasks.map((opened) => ({ ...opened, timers: [timer] })) }])).toBe(
    true,
  );
});

test.each<[string, Partial<Outcome>]>([
  ["another kind of write", { kind: "cancel" }],
  ["a task that is routed", { openTasks: task ? [{ ...task, route: "facilities" }] : [] }],
  ["a task whose candidates come from the data", { openTasks: task ? [{ ...task, isFromData: true }] : [] }],
  ["children to start", { startChildren: [{ rule: "part", index: 0, definition: "part", data: {} }] }],
  ["children to cancel", { cancelsChildren: true }],
  ["an incident", { incident: { kind: "LOOP", message: "Round", place: "states.open" } }],
  ["the resolution of an incident", { resolution: { action: "RETRY", comment: null } }],
  ["another version of the definition", { definitionId: "new" }],
  ["ids to look up", { references: [{ path: "input.who", type: "user", id: "usr_1" }] }],
  ["an automatic transition", { isAutomatic: true }],
  ["a vote", { vote: { rule: "t", transition: "close", by: ["rita"] } }],
  ["a timer that fires", { timer: { name: "t", depth: 0 } }],
])("%s is not batchable", (_what, change) => {
  expect(isBatchable([{ ...batchable, ...change }])).toBe(false);
});

test("a transition followed by others is not batchable", () => {
  expect(isBatchable([batchable, batchable])).toBe(false);
});
