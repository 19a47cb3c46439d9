import { expect, test } from "vitest";
import { aPlan, aTask, officeCalendars } from "../fixtures/plans.js";
import { comparePlans } from "./preview.js";
import { schedulePlan } from "./schedule.js";
import { varianceOf } from "./variance.js";
import { bucketsBetween, capacityOf, spreadWork } from "./workload.js";

const FORWARD = { direction: "FORWARD" } as const;
const days = officeCalendars().standard;

test("buckets are days, or weeks from Monday to Sunday, of which the first and the last can be shorter", () => {
  expect(bucketsBetween("2026-01-01", "2026-01-02", "DAY").map(({ startsOn, endsOn }) => [startsOn, endsOn])).toEqual([
    ["2026-01-01", "2026-01-01"],
    ["2026-01-02", "2026-01-02"],
  ]);
  // A Thursday to a Tuesday.
  expect(bucketsBetween("2026-01-01", "2026-01-13", "WEEK").map(({ startsOn, endsOn }) => `${startsOn} ${endsOn}`)).toEqual([
    "2026-01-01 2026-01-04",
    "2026-01-05 2026-01-11",
    "2026-01-12 2026-01-13",
  ]);
});

test("the capacity is the working time of the calendar, also over a change of the clocks and a holiday", () => {
  expect(capacityOf(days, bucketsBetween("2026-01-05", "2026-01-10", "DAY"))).toEqual([480, 480, 480, 480, 480, 0]);
  const weeks = bucketsBetween("2026-03-23", "2026-04-05", "WEEK");
  expect(capacityOf(officeCalendars("Europe/Zurich", "2026-03-27").standard, weeks)).toEqual([1920, 2400]);
  expect(capacityOf({ ...days, weekdays: [], years: new Map() }, weeks)).toEqual([0, 0]);
});

test("work is spread evenly over the working time of its task, in whole minutes that add up", () => {
  const plan = aPlan(
    [aTask("group", 0), aTask("a", 1440, { parentId: "group" }), aTask("b", 480), aTask("done", 0)],
    ["a FS b", "b FS done"],
  );
  const work = new Map([
    ["a", 100],
    ["b", 900],
    ["done", 7],
  ]);
  const buckets = bucketsBetween("2026-01-05", "2026-01-09", "DAY");
  const spread = spreadWork(plan, schedulePlan(plan, FORWARD), { buckets, days, workOf: (id) => work.get(id) ?? 0 });
  expect([...spread]).toEqual([
    ["a", [33, 34, 33, 0, 0]],
    ["b", [0, 0, 0, 900, 0]],
    ["done", [0, 0, 0, 7, 0]],
  ]);
});

test("two versions of a plan are compared by their dates", () => {
  const plan = aPlan([aTask("a", 480), aTask("b", 480)], ["a FS b"]);
  const changed = {
    ...plan,
    tasks: [aTask("new", 960), ...plan.tasks],
    dependencies: [...plan.dependencies, ...aPlan([], ["new FS a"]).dependencies],
  };
  const { shiftedTasks, finish } = comparePlans(plan, changed, FORWARD);
  expect(shiftedTasks.map(({ taskId, byMinutes }) => [taskId, byMinutes])).toEqual([
    ["a", 960],
    ["b", 960],
  ]);
  expect(finish.byMinutes).toBe(960);
});

test("the variance from earlier dates is counted in working minutes, in total and for each task that has them", () => {
  const plan = aPlan([aTask("a", 480), aTask("b", 960), aTask("later", 60)], ["a FS b"]);
  const schedule = schedulePlan(plan, FORWARD);
  const earlier = {
    startAt: "2026-01-02T07:00:00Z",
    finishAt: "2026-01-09T16:00:00Z",
    tasks: new Map([
      ["a", { startAt: "2026-01-02T07:00:00Z", finishAt: "2026-01-02T16:00:00Z" }],
      ["b", { startAt: "2026-01-08T07:00:00Z", finishAt: "2026-01-09T16:00:00Z" }],
      ["gone", { startAt: "2026-01-08T07:00:00Z", finishAt: "2026-01-09T16:00:00Z" }],
    ]),
  };
  const { total, tasks } = varianceOf(plan, schedule, earlier);
  expect(total).toEqual({ startByMinutes: 480, finishByMinutes: -960 });
  expect([...tasks]).toEqual([
    ["a", { startByMinutes: 480, finishByMinutes: 480 }],
    ["b", { startByMinutes: -960, finishByMinutes: -960 }],
  ]);
});
