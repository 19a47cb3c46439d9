import { describe, expect, test } from "vitest";
import { aPlan, aTask, datesOf, officeCalendars, scheduled } from "../fixtures/plans.js";
import { schedulePlan } from "./schedule.js";

/**
 * Computed by hand. `a` takes the Thursday afternoon, Friday is a holiday, the clocks change on Sunday, and `b` takes eight hours. The same local times
 * are other times in UTC on Monday.
 */
const weekends = [
  {
    name: "Zurich's clocks go forward",
    calendars: officeCalendars("Europe/Zurich", "2026-03-27"),
    startAt: "2026-03-26T12:00:00Z",
    a: "2026-03-26T12:00 2026-03-26T16:00",
    monday: "2026-03-30T06:00 2026-03-30T15:00",
    later: "2026-03-30T08:00 2026-03-31T08:00",
    overHoliday: "2026-03-26T14:00 2026-03-30T13:00",
  },
  {
    name: "Zurich's clocks go back",
    calendars: officeCalendars("Europe/Zurich", "2026-10-23"),
    startAt: "2026-10-22T11:00:00Z",
    a: "2026-10-22T11:00 2026-10-22T15:00",
    monday: "2026-10-26T07:00 2026-10-26T16:00",
    later: "2026-10-26T09:00 2026-10-27T09:00",
    overHoliday: "2026-10-22T13:00 2026-10-26T14:00",
  },
  {
    name: "the clocks of St. John's go forward",
    calendars: officeCalendars("America/St_Johns", "2026-03-06"),
    startAt: "2026-03-05T16:30:00Z",
    a: "2026-03-05T16:30 2026-03-05T20:30",
    monday: "2026-03-09T10:30 2026-03-09T19:30",
    later: "2026-03-09T12:30 2026-03-10T12:30",
    overHoliday: "2026-03-05T18:30 2026-03-09T17:30",
  },
  {
    name: "the clocks of St. John's go back",
    calendars: officeCalendars("America/St_Johns", "2026-10-30"),
    startAt: "2026-10-29T15:30:00Z",
    a: "2026-10-29T15:30 2026-10-29T19:30",
    monday: "2026-11-02T11:30 2026-11-02T20:30",
    later: "2026-11-02T13:30 2026-11-03T13:30",
    overHoliday: "2026-10-29T17:30 2026-11-02T18:30",
  },
];

describe.each(weekends)("over a holiday and the weekend on which $name", ({ calendars, startAt, a, monday, later, overHoliday }) => {
  test.each([
    ["finish to start", "a FS b", monday],
    ["finish to start with two hours between them", "a FS b 120", later],
    ["start to start half a day later", "a SS b 240", monday],
    ["finish to finish a day later", "a FF b 480", monday],
    ["start to finish ten hours later", "a SF b 600", overHoliday],
  ])("%s", (_name, link, b) => {
    const schedule = schedulePlan(aPlan([aTask("a", 240), aTask("b", 480)], [link], { calendars, startAt }), { direction: "FORWARD" });
    expect([datesOf(schedule, "a"), datesOf(schedule, "b")]).toEqual([a, b]);
  });
});

test.each([
  // The night has an hour less: the eighth hour is in the next one.
  ["Europe/Zurich", "2026-03-28T21:00", "2026-03-29T21:00"],
  ["America/St_Johns", "2026-03-08T01:30", "2026-03-09T01:30"],
  // The night has an hour more: eight hours have passed an hour before it ends.
  ["Europe/Zurich", "2026-10-24T20:00", "2026-10-25T04:00"],
  ["America/St_Johns", "2026-11-01T00:30", "2026-11-01T08:30"],
])("eight hours of night work in %s from %s end at %s", (timeZone, startAt, finishAt) => {
  const plan = aPlan([aTask("a", 480, { calendar: "nights" })], [], { calendars: officeCalendars(timeZone), startAt: `${startAt}:00Z` });
  expect(datesOf(schedulePlan(plan, { direction: "FORWARD" }), "a")).toBe(`${startAt} ${finishAt}`);
});

test("the lag counts on the project's calendar, and the task on its own", () => {
  // Friday 16:00 in Zurich, then an hour until closing time and an hour from Monday 08:00. The next night begins at 22:00.
  const plan = aPlan([aTask("a", 2340), aTask("b", 60, { calendar: "nights" })], ["a FS b 120"]);
  const schedule = schedulePlan(plan, { direction: "FORWARD" });
  expect(datesOf(schedule, "a")).toBe("2026-01-05T07:00 2026-01-09T15:00");
  expect(datesOf(schedule, "b")).toBe("2026-01-12T21:00 2026-01-12T22:00");
  // What ends later by the end of Monday still leaves the night to its successor: eight hours of the office, less the two.
  expect(scheduled(schedule, "a")).toMatchObject({ totalSlackMinutes: 420, isCritical: false });
});

test("a milestone is where its predecessor ends, also at closing time", () => {
  const schedule = schedulePlan(aPlan([aTask("a", 480), aTask("done", 0), aTask("b", 60)], ["a FS done", "done FS b"]), {
    direction: "FORWARD",
  });
  expect(datesOf(schedule, "done")).toBe("2026-01-05T16:00 2026-01-05T16:00");
  expect(datesOf(schedule, "b")).toBe("2026-01-06T07:00 2026-01-06T08:00");
  expect(schedule.criticalPath).toEqual(["a", "done", "b"]);
});
