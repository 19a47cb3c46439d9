import { expect, test } from "vitest";
import { fire } from "../transition/fire.js";
import { inState, max, now, otto, person, rita, rules, small, task } from "../fixtures/small.js";

const machine = small(
  "{ task: { title: Do, candidates: { from: data.by } }, transitions: { approve: { to: closed, allow: { candidate: true, notSameAs: owner } } } }",
);
const waiting = { ...task("t", "open"), candidateUserIds: ["max"] };
const approve = (actor = max, open = waiting, data = { by: "max" }) =>
  rules(fire(machine, inState("open", { data, openTasks: [open] }), { transition: "approve", actor, now }));

test("only users who can claim an open task can fire a transition that requires a candidate", () => {
  expect(approve()).toEqual([]);
  expect(approve(otto)).toEqual(["candidate"]);
});

test("after a task is claimed, only its assignee, or a user acting in their place, is a candidate", () => {
  const claimed = { ...waiting, assigneeId: "otto" };
  expect(approve(otto, claimed)).toEqual([]);
  expect(approve(max, claimed)).toContain("candidate");
  expect(approve({ ...person("sam"), standsFor: ["otto"] }, claimed)).toEqual([]);
});

test("a candidate in another user's place is subject to the same four-eyes rules as that user", () => {
  expect(approve({ ...max, standsFor: ["rita"] })).toEqual(["notSameAs"]);
  expect(approve(rita, { ...waiting, candidateUserIds: ["rita"] })).toEqual(["notSameAs"]);
});
