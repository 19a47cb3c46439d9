import { computedMs } from "@weft/testkit/cost/computed-ms";
import { expect, test } from "vitest";
import { fire } from "../transition/fire.js";
import { inState, now, outcomeOf, paths, rita, small, task } from "../fixtures/small.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import type { FireRequest } from "../model/requests.js";
import type { SnapshotTask } from "../model/snapshot.js";

test("input that the data declares becomes data, and must also match the data's schema", () => {
  const machine = small(
    "{ transitions: { close: { to: closed, input: { properties: { count: { type: number }, reason: { type: string } } } } } }",
    "properties: { count: { type: number, maximum: 5 } }",
  );
  const close = (input: object): FireResult =>
    fire(machine, inState("open", { data: {} }), { transition: "close", actor: rita, input, now });
  expect(outcomeOf(close({ count: 4, reason: "x" }))).toMatchObject({
    input: { count: 4, reason: "x" },
    dataChanges: { data: { count: 4 }, patch: { count: 4 }, removed: [] },
  });
  expect(paths(close({ count: 6 }))).toEqual(["input.count"]);
});

test("set writes paths, values, input and the actor, and an absent value removes the property", () => {
  const machine = small(
    `{ transitions: { close: { to: closed, input: { properties: { why: { type: string } } }, actions: [{ set: { data.by: actor.id, data.note: input.why, data.site.floor: 3, data.old: comment } }] } } }`,
    "properties: { by: { type: string }, note: { type: string }, old: { type: string }, site: { type: object, properties: { floor: { type: number }, door: { type: string } } } }",
  );
  const { dataChanges } = outcomeOf(
    fire(machine, inState("open", { data: { old: "x", site: { door: "A" } } }), {
      transition: "close",
      actor: rita,
      input: { why: "done" },
      now,
    }),
  );
  expect(dataChanges.data).toEqual({ by: "rita", note: "done", site: { door: "A", floor: 3 } });
  expect(dataChanges).toMatchObject({ patch: { by: "rita", note: "done", site: { door: "A", floor: 3 } }, removed: ["old"] });
});

test("actions run in the order exit, transition, entry, and events carry the data at the time of their action", () => {
  const emit = (name: string): string => `{ emit: { type: step.${name}, payload: { note: data.note, state: instance.state } } }`;
  const machine = small(
    `{ onExit: [{ set: { data.note: "'exit'" } }, ${emit("exit")}], transitions: { next: { to: middle, actions: [${emit("move")}, { set: { data.note: "'move'" } }] } } }`,
    "properties: { note: { type: string } }",
    `  middle: { onEntry: [${emit("entry")}], transitions: { close: { to: closed } } }\n`,
  );
  expect(outcomeOf(fire(machine, inState("open", { data: {} }), { transition: "next", actor: rita, now })).events).toEqual([
    { type: "step.exit", payload: { note: "exit", state: "middle" } },
    { type: "step.move", payload: { note: "exit", state: "middle" } },
    { type: "step.entry", payload: { note: "move", state: "middle" } },
  ]);
});

test("a task with the lifetime of the instance outlives its state, is not duplicated, and ends with closeTask or with the instance", () => {
  const open = `{ openTask: { name: watch, title: Watch, lifetime: instance, candidates: { owner: true, assignee: true, users: [u1] } } }`;
  const machine = small(
    `{ transitions: { next: { to: middle, actions: [${open}] }, close: { to: closed } } }`,
    "properties: {}",
    `  middle: { transitions: { back: { to: open }, stop: { to: open, actions: [{ closeTask: watch }] } } }\n`,
  );
  const go = (state: string, transition: string, openTasks: SnapshotTask[], more: Partial<FireRequest> = {}): Outcome =>
    outcomeOf(
      fire(machine, inState(state, { data: {}, openTasks, assignee: { type: "vendor", id: "fixit" } }), {
        transition,
        actor: rita,
        now,
        ...more,
      }),
    );
  expect(go("open", "next", []).openTasks).toMatchObject([
    { rule: "watch", state: "middle", title: "Watch", candidates: { roles: [], users: ["u1", "rita"], teams: [], vendors: ["fixit"] } },
  ]);
  const watch = task("w", "watch", "olga", "middle");
  expect(go("middle", "back", [watch])).toMatchObject({ closeTasks: [], openTasks: [] });
  expect(go("open", "next", [watch])).toMatchObject({ closeTasks: [], openTasks: [] });
  expect(go("middle", "stop", [watch]).closeTasks).toEqual([{ id: "w", reason: "superseded" }]);
  expect(go("open", "close", [watch]).closeTasks).toEqual([{ id: "w", reason: "superseded" }]);
});

test("a transition back to the same state closes its task and opens a new one", () => {
  const machine = small("{ task: { title: Do, candidates: { roles: [a] } }, transitions: { again: { to: open }, close: { to: closed } } }");
  expect(
    outcomeOf(fire(machine, inState("open", { data: {}, openTasks: [task("t1", "open")] }), { transition: "again", actor: rita, now })),
  ).toMatchObject({
    from: "open",
    to: "open",
    closeTasks: [{ id: "t1", reason: "superseded" }],
    openTasks: [{ rule: "open" }],
  });
});

test("values that are nested in themselves repeatedly stay bounded", () => {
  const doubling = Array.from({ length: 18 }, () => "{ set: { data.a.l: data.a, data.a.r: data.a } }").join(", ");
  const machine = small(
    `{ transitions: { close: { to: closed, actions: [${doubling}, { emit: { type: a.b, payload: { a: data.a } } }, { set: { data.a: null } }] } } }`,
    "properties: { a: { type: [object, 'null'] } }",
  );
  const begin = computedMs();
  const result = fire(machine, inState("open", { data: { a: { x: 1 } } }), { transition: "close", actor: rita, now });
  expect(result).toMatchObject({ ok: false, rejection: { code: "BAD_USER_INPUT" } });
  expect(computedMs() - begin).toBeLessThan(2000);
});

test("a value that actions nest in itself repeatedly is refused before it is traversed", () => {
  const grow = '{ set: { data.x: "data.x.map(i, data.x)", data.y: "data.y.map(i, data.y)" } }';
  const machine = small(
    `{ transitions: { close: { to: closed, actions: [${grow}, ${grow}, ${grow}, { set: { data.same: data.x == data.y } }] } } }`,
    "additionalProperties: true",
  );
  const many = Array.from({ length: 1000 }, (_, index) => index);
  const before = computedMs();
  const result = fire(machine, inState("open", { data: { x: many, y: [...many] } }), { transition: "close", actor: rita, input: {}, now });
  expect(paths(result)).toContain("data.x");
  expect(computedMs() - before).toBeLessThan(1000);
});
