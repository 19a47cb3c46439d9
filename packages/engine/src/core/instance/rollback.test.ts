import fc from "fast-check";
import { expect, test } from "vitest";
import { actors, data, machines, now, snapshots } from "../fixtures/random.js";
import { after, inState, max, outcomeOf, paths, rules, small, task } from "../fixtures/small.js";
import type { RollbackRequest } from "../model/requests.js";
import { rollback } from "./rollback.js";
import type { Snapshot } from "../model/snapshot.js";

const machine = small(
  `{ task: { title: "Look {{ data.count }}", candidates: { roles: [operations] } }, onEntry: [{ set: { data.by: actor.id } }],
     transitions: { check: { to: work, allow: { roles: [operations], notSameAs: [owner] }, actions: [{ emit: { type: thing.checked } }] } } }`,
  undefined,
  "  work: { task: { title: Work, candidates: { roles: [operations] } }, transitions: { close: { to: closed } } }\n",
);
const back = (to: Partial<RollbackRequest["to"]> = {}, more: Partial<RollbackRequest> = {}): RollbackRequest => ({
  to: { state: "open", data: null, ...to },
  actor: max,
  reason: "The wrong pump",
  input: { toVersion: 1 },
  now,
  ...more,
});
const atWork = inState("work", { data: { count: 2, note: "x" }, openTasks: [task("t1", "work", "max")] });

test("a rollback enters the earlier state again: its task opens, the current task is superseded, and nothing else runs", () => {
  const outcome = outcomeOf(rollback(machine, atWork, back()));
  expect(outcome).toMatchObject({
    kind: "rollback",
    from: "work",
    to: "open",
    transition: null,
    status: "RUNNING",
    closeTasks: [{ id: "t1", reason: "superseded" }],
    openTasks: [{ title: "Look 2", state: "open" }],
    events: [],
    comment: "The wrong pump",
    input: { toVersion: 1 },
    dataChanges: { patch: {}, removed: [] },
  });
});

test("a rollback with restored data discards later data", () => {
  const outcome = outcomeOf(rollback(machine, atWork, back({ data: { count: 1, note: null } })));
  expect(outcome.dataChanges).toEqual({ data: { count: 1 }, patch: { count: 1 }, removed: ["note"] });
  expect(outcome.openTasks[0]?.title).toBe("Look 1");
});

test("a suspended instance stays suspended, an ended one cannot be rolled back, and a reason is required", () => {
  expect(outcomeOf(rollback(machine, { ...atWork, status: "SUSPENDED" }, back())).status).toBe("SUSPENDED");
  for (const status of ["COMPLETED", "CANCELLED", "FAILED"] as const)
    expect(rules(rollback(machine, { ...atWork, status }, back()))).toEqual(["status"]);
  expect(paths(rollback(machine, atWork, back({}, { reason: " " })))).toEqual(["reason"]);
  for (const state of ["closed", "elsewhere"]) expect(rules(rollback(machine, atWork, back({ state })))).toEqual(["state"]);
});

test("a user who is excluded by four eyes from the transition into a state cannot roll back to it", () => {
  const arrival = { from: "open", transition: "check" };
  expect(rules(rollback(machine, { ...atWork, ownerId: "max" }, back({ state: "work", arrival })))).toEqual(["notSameAs"]);
  expect(rollback(machine, atWork, back({ state: "work", arrival })).ok).toBe(true);
});

test("four eyes are found at any depth of the transition's rule", () => {
  const nested = small(
    "{ transitions: { check: { to: work, allow: { any: [{ roles: [operations] }, { all: [{ permissions: [workflow.fire] }, { notSameAs: owner }] }] } } } }",
    undefined,
    "  work: { transitions: { close: { to: closed } } }\n",
  );
  const arrival = { from: "open", transition: "check" };
  expect(rules(rollback(nested, { ...atWork, ownerId: "max" }, back({ state: "work", arrival })))).toEqual(["notSameAs"]);
  expect(rollback(nested, atWork, back({ state: "work", arrival })).ok).toBe(true);
});

test("a user excluded from a transition by four eyes cannot roll back to a state behind it, because a decision about earlier data does not apply to the current data", () => {
  const way = [
    { from: "open", transition: "check" },
    { from: "work", transition: "gone by now" },
  ];
  const later = back({ state: "work", arrival: { from: "open", transition: "check by itself" }, way });
  expect(rules(rollback(machine, { ...atWork, ownerId: "max" }, later))).toEqual(["notSameAs"]);
  expect(rollback(machine, atWork, later).ok).toBe(true);
});

test("a rollback stays within the machine, closes only open tasks, and its patch produces its data", () => {
  fc.assert(
    fc.property(machines, snapshots, actors, fc.option(data), fc.constantFrom("a", "b", "end"), (one, snapshot, actor, then, state) => {
      const before: Snapshot = structuredClone(snapshot);
      const arrival = { from: "a", transition: "next" };
      const result = rollback(one, snapshot, { to: { state, data: then, arrival }, actor, reason: "Back", input: {}, now });
      expect(snapshot).toEqual(before);
      if (!result.ok) return;
      const { outcome } = result;
      expect(one.states.get(outcome.to)?.final).toBeNull();
      expect(outcome.status).toBe(snapshot.status);
      expect(snapshot.openTasks.map(({ id }) => id)).toEqual(expect.arrayContaining(outcome.closeTasks.map(({ id }) => id)));
      expect(after(snapshot, outcome).data).toEqual(then ?? snapshot.data);
    }),
    { numRuns: 60 },
  );
});
