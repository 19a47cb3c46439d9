import { expect, test } from "vitest";
import { cancel } from "./cancel.js";
import { changeData } from "./change-data.js";
import { start } from "./start.js";
import { inState, maintenance, max, now, outcomeOf, paths, rita, rules, small, task } from "../fixtures/small.js";
import type { FireResult } from "../model/outcome.js";
import type { Snapshot } from "../model/snapshot.js";

test("a start with data that violates the schema reports every problem", () => {
  expect(paths(start(maintenance, { data: { estimate: -1, color: "red" }, ownerId: "rita", actor: rita, now }))).toEqual([
    "data.summary",
    "data.estimate",
    "data.color",
  ]);
  expect(paths(start(maintenance, { data: null, ownerId: "rita", actor: rita, now }))).toEqual(["data"]);
});

test("an entry action can set a property that the data requires", () => {
  const machine = small(
    "{ onEntry: [{ set: { data.by: actor.id } }], transitions: { close: { to: closed } } }",
    "required: [by], properties: { by: { type: string } }",
  );
  expect(outcomeOf(start(machine, { data: {}, ownerId: "rita", actor: rita, now })).dataChanges).toEqual({
    data: { by: "rita" },
    patch: { by: "rita" },
    removed: [],
  });
});

test("changing data keeps the state and merges by property, and null removes a property", () => {
  const change = (patch: unknown, more: Partial<Snapshot> = {}): FireResult =>
    changeData(maintenance, inState("draft", more), { patch, actor: rita, now });
  expect(outcomeOf(change({ estimate: 10 }))).toMatchObject({
    kind: "data",
    from: "draft",
    to: "draft",
    version: { from: 3, to: 4 },
    dataChanges: { data: { summary: "Lift", estimate: 10 }, patch: { estimate: 10 }, removed: [] },
  });
  expect(paths(change({ summary: null }))).toEqual(["data.summary"]);
  expect(paths(change({ estimate: "x", other: 1 }))).toEqual(["data.estimate", "data.other"]);
  expect(paths(change([]))).toEqual(["data"]);
  expect(paths(change(JSON.parse('{"__proto__": {}}')))).toEqual(["data.__proto__"]);
  expect(rules(change({ estimate: 1 }, { status: "CANCELLED" }))).toEqual(["status"]);
  const optional = small("{ transitions: { close: { to: closed } } }");
  expect(
    outcomeOf(changeData(optional, inState("open", { data: { note: "x" } }), { patch: { note: null }, actor: rita, now })).dataChanges,
  ).toEqual({ data: {}, patch: {}, removed: ["note"] });
});

test("a user who can change data only in the initial state is refused in later states", () => {
  const change = (state: string): FireResult =>
    changeData(maintenance, inState(state), { patch: { estimate: 10 }, onlyInInitialState: true, actor: rita, now });
  expect(outcomeOf(change("draft")).dataChanges.patch).toEqual({ estimate: 10 });
  expect(rules(change("triage"))).toEqual(["state"]);
});

test("an administrator's cancel ends an instance that has not ended, in the cancelled state if the definition has exactly one", () => {
  const openTasks = [task("t1", "triage", "olga")];
  expect(outcomeOf(cancel(maintenance, inState("triage", { openTasks }), { actor: max, comment: "Duplicate", now }))).toMatchObject({
    kind: "cancel",
    from: "triage",
    to: "cancelled",
    status: "CANCELLED",
    outcome: "cancelled",
    closeTasks: [{ id: "t1", reason: "superseded" }],
    comment: "Duplicate",
  });
  expect(
    outcomeOf(cancel(small("{ transitions: { close: { to: closed } } }"), inState("open", { status: "FAILED" }), { actor: max, now })),
  ).toMatchObject({ to: "open", status: "CANCELLED" });
  expect(rules(cancel(maintenance, inState("closed", { status: "COMPLETED" }), { actor: max, now }))).toEqual(["status"]);
});
