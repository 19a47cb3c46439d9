import { expect, test } from "vitest";
import { fire } from "./fire.js";
import { inState, max, now, otto, person, rita, rules, small, task } from "./fixtures/small.js";

const machine = small(
  "{ task: { title: Do, candidates: { from: data.by } }, transitions: { approve: { to: closed, allow: { candidate: true, notSameAs: owner } } } }",
);
const waiting = { ...task("t", "open"), candidateUserIds: ["max"] };
const approve = (actor = max, open = waiting, data = { by: "max" }) =>
  rules(fire(machine, inState("open", { data, openTasks: [open] }), { transition: "approve", actor, now }));

test("whoever may claim an open task may fire what asks for a candidate, and nobody else", () => {
  expect(approve()).toEqual([]);
  expect(approve(otto)).toEqual(["candidate"]);
});

test("once it is claimed, only who has claimed it, or acts in their place, is a candidate", () => {
  const claimed = { ...waiting, assigneeId: "otto" };
  expect(approve(otto, claimed)).toEqual([]);
  expect(approve(max, claimed)).toContain("candidate");
  expect(approve({ ...person("sam"), standsFor: ["otto"] }, claimed)).toEqual([]);
});

test("a candidate by way of somebody else is held by four eyes as that person is", () => {
  expect(approve({ ...max, standsFor: ["rita"] })).toEqual(["notSameAs"]);
  expect(approve(rita, { ...waiting, candidateUserIds: ["rita"] })).toEqual(["notSameAs"]);
});
