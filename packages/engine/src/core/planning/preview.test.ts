import { expect, test } from "vitest";
import { aPlan, aTask, scheduled } from "../fixtures/plans.js";
import { previewShift } from "./preview.js";
import { schedulePlan } from "./schedule.js";

const FORWARD = { direction: "FORWARD" } as const;
const plan = aPlan(
  [aTask("a", 480), aTask("b", 480, { deadlineAt: "2026-01-07T16:00:00Z" }), aTask("c", 480), aTask("free", 240)],
  ["a FS b", "b FS c"],
);

test("a later start shifts what follows, and nothing else", () => {
  const preview = previewShift(plan, { kind: "START", taskId: "b", startAt: "2026-01-08T07:00:00Z" }, FORWARD);
  expect(preview.shiftedTasks).toEqual([
    {
      taskId: "b",
      from: { startAt: "2026-01-06T07:00:00.000Z", finishAt: "2026-01-06T16:00:00.000Z" },
      to: { startAt: "2026-01-08T07:00:00.000Z", finishAt: "2026-01-08T16:00:00.000Z" },
      byMinutes: 960,
    },
    {
      taskId: "c",
      from: { startAt: "2026-01-07T07:00:00.000Z", finishAt: "2026-01-07T16:00:00.000Z" },
      to: { startAt: "2026-01-09T07:00:00.000Z", finishAt: "2026-01-09T16:00:00.000Z" },
      byMinutes: 960,
    },
  ]);
  expect(preview.finish).toEqual({ from: "2026-01-07T16:00:00.000Z", to: "2026-01-09T16:00:00.000Z", byMinutes: 960 });
  expect(preview.newViolations).toEqual([{ taskId: "b", kind: "DEADLINE", at: "2026-01-07T16:00:00Z", byMinutes: 480 }]);
  expect(plan.tasks[1]?.constraint).toEqual({ kind: "ASAP", at: null });
});

test("working minutes over the weekend are those of the calendar", () => {
  const preview = previewShift(plan, { kind: "SHIFT", taskId: "free", byMinutes: 2400 }, FORWARD);
  expect(preview.shiftedTasks.map(({ taskId, to, byMinutes }) => [taskId, to.startAt, byMinutes])).toEqual([
    ["free", "2026-01-12T07:00:00.000Z", 2400],
  ]);
  expect([preview.finish.byMinutes, preview.newViolations]).toEqual([1200, []]);
});

test("a task does not start before its predecessors allow, nor does one that has begun", () => {
  expect(previewShift(plan, { kind: "SHIFT", taskId: "c", byMinutes: -480 }, FORWARD).shiftedTasks).toEqual([]);
  const begun = { ...plan, tasks: plan.tasks.map((task) => ({ ...task, actualStartAt: task.id === "a" ? "2026-01-05T07:00:00Z" : null })) };
  expect(previewShift(begun, { kind: "START", taskId: "a", startAt: "2026-01-09T07:00:00Z" }, FORWARD).shiftedTasks).toEqual([]);
});

test("a duration changes the finish", () => {
  const preview = previewShift(plan, { kind: "DURATION", taskId: "a", durationMinutes: 240 }, FORWARD);
  expect(preview.shiftedTasks.map(({ taskId, byMinutes }) => [taskId, byMinutes])).toEqual([
    ["a", 0],
    ["b", -240],
    ["c", -240],
  ]);
  expect(preview.finish.byMinutes).toBe(-240);
});

test("only violations that are new or larger are listed", () => {
  const late = aPlan([aTask("a", 960, { deadlineAt: "2026-01-05T16:00:00Z" }), aTask("b", 480, { deadlineAt: "2026-01-05T16:00:00Z" })]);
  expect(schedulePlan(late, FORWARD).violations).toHaveLength(1);
  const violationsAfter = (taskId: string) => previewShift(late, { kind: "SHIFT", taskId, byMinutes: 60 }, FORWARD).newViolations;
  expect(violationsAfter("b").map(({ taskId, byMinutes }) => [taskId, byMinutes])).toEqual([["b", 60]]);
  expect(violationsAfter("a").map(({ taskId, byMinutes }) => [taskId, byMinutes])).toEqual([["a", 540]]);
});

test("scheduled backward, an earlier start takes the predecessors with it", () => {
  const late = { constraint: { kind: "ALAP", at: null } } as const;
  const backward = aPlan([aTask("a", 480, late), aTask("b", 480, late)], ["a FS b"], { startAt: null, finishAt: "2026-01-30T16:00:00Z" });
  const preview = previewShift(backward, { kind: "START", taskId: "b", startAt: "2026-01-28T07:00:00Z" }, { direction: "BACKWARD" });
  expect(preview.shiftedTasks.map(({ taskId, to }) => [taskId, to.startAt])).toEqual([
    ["a", "2026-01-27T07:00:00.000Z"],
    ["b", "2026-01-28T07:00:00.000Z"],
  ]);
  expect(scheduled(preview.schedule, "b").finishAt).toBe("2026-01-28T16:00:00.000Z");
});

test("a task that the plan does not have is an error", () => {
  const change = { kind: "DURATION", taskId: "gone", durationMinutes: 1 } as const;
  expect(() => previewShift(plan, change, FORWARD)).toThrow(expect.objectContaining({ code: "UNKNOWN_TASK", taskIds: ["gone"] }));
});
