import { describe, expect, test } from "vitest";
import { aPlan, aTask, datesOf, officeCalendars, scheduled } from "../fixtures/plans.js";
import type { ConstraintKind, Plan, ScheduleDirection } from "./plan.js";
import { schedulePlan } from "./schedule.js";

const forward = (plan: Plan) => schedulePlan(plan, { direction: "FORWARD" });
const backward = (plan: Plan) => schedulePlan({ ...plan, startAt: null, finishAt: "2026-01-30T16:00:00Z" }, { direction: "BACKWARD" });
const constraint = (kind: ConstraintKind, at: string | null = null) => ({ constraint: { kind, at } });

describe("slack", () => {
  // a (1 day) leads to c (2 days), and b (half a day) too; d (1 day) follows c, e (1 day) follows b.
  const plan = aPlan(
    [aTask("a", 480), aTask("b", 240), aTask("c", 960), aTask("d", 480), aTask("e", 480)],
    ["a FS c", "b FS c", "c FS d", "b FS e"],
  );

  test("is what a task can be later by: without a later finish of the project, or without a later successor", () => {
    const schedule = forward(plan);
    expect(schedule.finishAt).toBe("2026-01-08T16:00:00.000Z");
    expect(schedule.tasks.map(({ taskId, totalSlackMinutes, freeSlackMinutes }) => [taskId, totalSlackMinutes, freeSlackMinutes])).toEqual([
      ["a", 0, 0],
      // Its successor e starts at noon on the first day.
      ["b", 240, 0],
      ["c", 0, 0],
      ["d", 0, 0],
      ["e", 1200, 1200],
    ]);
    expect(schedule.criticalPath).toEqual(["a", "c", "d"]);
    expect(scheduled(schedule, "e")).toMatchObject({ lateStartAt: "2026-01-08T07:00:00.000Z", lateFinishAt: "2026-01-08T16:00:00.000Z" });
  });

  test("is negative up to a deadline that cannot be met, and the deadline is named", () => {
    const tasks = plan.tasks.map((task) => (task.id === "c" ? { ...task, deadlineAt: "2026-01-07T11:00:00Z" } : task));
    const schedule = forward({ ...plan, tasks });
    expect(schedule.tasks.map(({ totalSlackMinutes }) => totalSlackMinutes)).toEqual([-240, 0, -240, 0, 1200]);
    expect(schedule.violations).toEqual([{ taskId: "c", kind: "DEADLINE", at: "2026-01-07T11:00:00Z", byMinutes: 240 }]);
  });
});

describe("constraints", () => {
  const at = "2026-01-14T09:00:00Z";
  // Alone in a plan that lasts until Friday of the second week; two days each.
  const task = (kind: ConstraintKind, moment: string | null) => aPlan([aTask("x", 960, constraint(kind, moment)), aTask("long", 4800)]);

  test.each([
    ["ASAP", null, "2026-01-05T07:00 2026-01-06T16:00"],
    ["ALAP", null, "2026-01-15T07:00 2026-01-16T16:00"],
    ["START_NO_EARLIER_THAN", at, "2026-01-14T09:00 2026-01-16T09:00"],
    ["START_NO_LATER_THAN", at, "2026-01-05T07:00 2026-01-06T16:00"],
    ["FINISH_NO_EARLIER_THAN", at, "2026-01-12T09:00 2026-01-14T09:00"],
    ["FINISH_NO_LATER_THAN", at, "2026-01-05T07:00 2026-01-06T16:00"],
    ["MUST_START_ON", at, "2026-01-14T09:00 2026-01-16T09:00"],
    ["MUST_FINISH_ON", at, "2026-01-12T09:00 2026-01-14T09:00"],
  ] as const)("%s", (kind, moment, dates) => {
    const schedule = forward(task(kind, moment));
    expect(datesOf(schedule, "x")).toBe(dates);
    expect(schedule.violations).toEqual([]);
  });

  test.each([
    ["START_NO_LATER_THAN", 480],
    ["MUST_START_ON", 480],
    ["FINISH_NO_LATER_THAN", 1440],
    ["MUST_FINISH_ON", 1440],
  ] as const)("%s gives way to a dependency, and is a violation", (kind, byMinutes) => {
    const first = "2026-01-06T07:00:00Z";
    const schedule = forward(aPlan([aTask("long", 960), aTask("x", 960, constraint(kind, first))], ["long FS x"]));
    expect(datesOf(schedule, "x")).toBe("2026-01-07T07:00 2026-01-08T16:00");
    expect(schedule.violations).toEqual([{ taskId: "x", kind, at: first, byMinutes }]);
    expect(scheduled(schedule, "long")).toMatchObject({ totalSlackMinutes: -byMinutes, isCritical: true });
  });

  test("a task that is as late as possible stays ahead of one that is planned early", () => {
    const tasks = [aTask("x", 480, constraint("ALAP")), aTask("y", 480, constraint("ALAP")), aTask("z", 480), aTask("long", 2400)];
    const schedule = forward(aPlan(tasks, ["x FS y", "y FS z"]));
    expect([datesOf(schedule, "x"), datesOf(schedule, "y"), datesOf(schedule, "z")]).toEqual([
      "2026-01-05T07:00 2026-01-05T16:00",
      "2026-01-06T07:00 2026-01-06T16:00",
      "2026-01-07T07:00 2026-01-07T16:00",
    ]);
  });
});

describe("scheduled backward", () => {
  const chain = (kind: ConstraintKind) => aPlan([aTask("a", 480, constraint(kind)), aTask("b", 960, constraint("ALAP"))], ["a FS b"]);

  test("tasks are as late as the finish of the project allows", () => {
    const schedule = backward(chain("ALAP"));
    expect([datesOf(schedule, "a"), datesOf(schedule, "b")]).toEqual([
      "2026-01-28T07:00 2026-01-28T16:00",
      "2026-01-29T07:00 2026-01-30T16:00",
    ]);
    expect([schedule.startAt, schedule.finishAt]).toEqual(["2026-01-28T07:00:00.000Z", "2026-01-30T16:00:00.000Z"]);
    expect(schedule.criticalPath).toEqual(["a", "b"]);
  });

  test("a task that is as soon as possible starts with the project", () => {
    const schedule = backward(aPlan([aTask("a", 480), aTask("b", 2400, constraint("ALAP"))]));
    expect(datesOf(schedule, "a")).toBe("2026-01-26T07:00 2026-01-26T16:00");
  });

  test("the finish that cannot be met is a violation", () => {
    const tasks = [aTask("a", 480, constraint("START_NO_EARLIER_THAN", "2026-01-29T07:00:00Z")), aTask("b", 960, constraint("ALAP"))];
    const schedule = backward(aPlan(tasks, ["a FS b"]));
    expect(datesOf(schedule, "b")).toBe("2026-01-30T07:00 2026-02-02T16:00");
    expect(schedule.violations).toEqual([{ taskId: "b", kind: "PROJECT_FINISH", at: "2026-01-30T16:00:00.000Z", byMinutes: 480 }]);
  });
});

describe("summary tasks", () => {
  const tasks = [
    aTask("design", 0, constraint("START_NO_EARLIER_THAN", "2026-01-06T07:00:00Z")),
    aTask("sketch", 480, { parentId: "design", actualStartAt: null, percentComplete: 50 }),
    aTask("model", 1440, { parentId: "design" }),
    aTask("build", 0),
    aTask("walls", 480, { parentId: "build" }),
    aTask("roof", 480, { parentId: "build" }),
  ];

  test("span their children, and their dependencies and bounds apply to all of them", () => {
    const schedule = forward(aPlan(tasks, ["design FS build 240", "walls FS roof"]));
    expect(datesOf(schedule, "sketch")).toBe("2026-01-06T07:00 2026-01-06T16:00");
    expect(datesOf(schedule, "walls")).toBe("2026-01-09T12:00 2026-01-12T11:00");
    expect(scheduled(schedule, "design")).toMatchObject({
      startAt: "2026-01-06T07:00:00.000Z",
      finishAt: "2026-01-08T16:00:00.000Z",
      isSummary: true,
      durationMinutes: 1440,
      percentComplete: 12,
      totalSlackMinutes: 0,
      isCritical: true,
    });
    expect(schedule.criticalPath).toEqual(["model", "walls", "roof"]);
    expect(scheduled(schedule, "sketch")).toMatchObject({ totalSlackMinutes: 960, freeSlackMinutes: 960 });
  });

  test("can violate a date without any of their children", () => {
    const late = { ...aTask("design", 0, constraint("START_NO_LATER_THAN", "2026-01-05T07:00:00Z")) };
    const [, sketch, model] = tasks;
    const plan = aPlan([
      late,
      ...[sketch, model].flatMap((task) => (task ? [{ ...task, ...constraint("START_NO_EARLIER_THAN", "2026-01-05T11:00:00Z") }] : [])),
    ]);
    expect(forward(plan).violations).toEqual([
      { taskId: "design", kind: "START_NO_LATER_THAN", at: "2026-01-05T07:00:00Z", byMinutes: 240 },
    ]);
  });
});

describe("what has happened", () => {
  test("a finished task is where it was, and its successors follow", () => {
    const done = aTask("a", 480, { actualStartAt: "2026-01-03T09:00:00Z", actualFinishAt: "2026-01-07T10:00:00Z" });
    const schedule = forward(aPlan([done, aTask("b", 480)], ["a FS b"]));
    expect([datesOf(schedule, "a"), datesOf(schedule, "b")]).toEqual([
      "2026-01-03T09:00 2026-01-07T10:00",
      "2026-01-07T10:00 2026-01-08T10:00",
    ]);
    expect(schedule.startAt).toBe("2026-01-03T09:00:00.000Z");
    expect(scheduled(schedule, "a")).toMatchObject({ totalSlackMinutes: 0, isCritical: false, percentComplete: 100 });
    expect(schedule.criticalPath).toEqual(["b"]);
  });

  test("a task that has begun keeps its start, and its finish can still be delayed", () => {
    const begun = aTask("b", 480, { actualStartAt: "2026-01-05T07:00:00Z", percentComplete: 40 });
    const schedule = forward(aPlan([aTask("a", 960), begun], ["a FS b", "a FF b"]));
    expect(datesOf(schedule, "b")).toBe("2026-01-05T07:00 2026-01-06T16:00");
    expect(schedule.criticalPath).toEqual(["a", "b"]);
  });

  test("a task that has begun and is complete ended after its duration", () => {
    const complete = aTask("b", 480, { actualStartAt: "2026-01-05T07:00:00Z", percentComplete: 100 });
    const schedule = forward(aPlan([aTask("a", 960), complete, aTask("c", 60)], ["a FF b", "b FS c"]));
    expect([datesOf(schedule, "b"), datesOf(schedule, "c")]).toEqual([
      "2026-01-05T07:00 2026-01-05T16:00",
      "2026-01-06T07:00 2026-01-06T08:00",
    ]);
  });

  test("a missed deadline remains a violation, a missed constraint does not", () => {
    const done = { actualFinishAt: "2026-01-07T10:00:00Z", ...constraint("FINISH_NO_LATER_THAN", "2026-01-06T10:00:00Z") };
    const schedule = forward(aPlan([aTask("a", 480, { ...done, deadlineAt: "2026-01-06T10:00:00Z" })]));
    expect(schedule.violations.map(({ kind, byMinutes }) => [kind, byMinutes])).toEqual([["DEADLINE", 480]]);
  });
});

describe("a plan that has no schedule", () => {
  test("names the tasks of a cycle", () => {
    const plan = aPlan([aTask("a", 60), aTask("b", 60), aTask("c", 60)], ["a FS b", "b SS c", "c FF a"]);
    expect(() => forward(plan)).toThrow(expect.objectContaining({ code: "CYCLE", taskIds: ["a", "b", "c"] }));
  });

  test.each<[string, Plan, ScheduleDirection]>([
    ["UNKNOWN_TASK", aPlan([aTask("a", 60)], ["a FS gone"]), "FORWARD"],
    ["NO_ANCHOR", aPlan([aTask("a", 60)]), "BACKWARD"],
    [
      "NO_WORKING_TIME",
      aPlan([aTask("a", 60)], [], {
        calendars: { ...officeCalendars(), standard: { timeZone: "UTC", weekdays: [], holidays: new Set(), years: new Map() } },
      }),
      "FORWARD",
    ],
    ["TOO_LONG", aPlan([aTask("a", 60 * 24 * 365 * 1000)]), "FORWARD"],
  ])("says so: %s", (code, plan, direction) => {
    expect(() => schedulePlan(plan, { direction })).toThrow(expect.objectContaining({ name: "PlanError", code }));
  });

  test("is not one without tasks", () => {
    expect(forward(aPlan([]))).toMatchObject({
      startAt: "2026-01-05T07:00:00.000Z",
      finishAt: "2026-01-05T07:00:00.000Z",
      criticalPath: [],
    });
  });
});
