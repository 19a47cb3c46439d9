import { expect, test } from "vitest";
import type { Calendar, WorkCalendar } from "../model/calendar.js";
import { alwaysCalendar, compileCalendar, DEFAULT_CALENDAR } from "./compile.js";
import { addPeriod, addWorkingTime, parsePeriod, workingSecondsBetween } from "./periods.js";

const nineToFive = [{ from: "09:00", to: "17:00" }];
const office = {
  timeZone: "Europe/Berlin",
  workingHours: {
    monday: nineToFive,
    tuesday: nineToFive,
    wednesday: nineToFive,
    thursday: nineToFive,
    friday: [{ from: "09:00", to: "13:00" }],
  },
  holidays: [{ date: "2026-04-03" }, { date: "2026-04-06" }],
} satisfies WorkCalendar;
const calendar = compiled(office);

function compiled(source: WorkCalendar): Calendar {
  const result = compileCalendar(source);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

function add(text: string, from: string, by = calendar): string | null {
  const period = parsePeriod(text);
  if (!period) throw new Error(`${text} is not a period`);
  return addPeriod(by, from, period)?.replace(".000Z", "Z") ?? null;
}

// Thursday 16:00 in Berlin; Friday and Monday are holidays, and the clocks changed on Sunday the 29th.
test.each([
  ["1 working hour", "2026-04-02T14:00:00Z", "2026-04-02T15:00:00Z"],
  ["61 working minutes", "2026-04-02T14:00:00Z", "2026-04-07T07:01:00Z"],
  ["1 working day", "2026-04-02T14:00:00Z", "2026-04-07T14:00:00Z"],
  // Friday closes at 13:00, and opens at 09:00.
  ["1 working day", "2026-03-26T15:00:00Z", "2026-03-27T12:00:00Z"],
  ["2 working days", "2026-03-26T15:00:00Z", "2026-03-30T14:00:00Z"],
  // Saturday: counting starts on Monday at 09:00.
  ["2 working days", "2026-03-28T10:00:00Z", "2026-04-01T07:00:00Z"],
  ["2 working hours", "2026-03-28T10:00:00Z", "2026-03-30T09:00:00Z"],
  ["P2D", "2026-03-28T10:00:00Z", "2026-03-30T09:00:00Z"],
  ["PT48H", "2026-03-28T10:00:00Z", "2026-03-30T10:00:00Z"],
  // Closing time is no longer working time: counting starts on the next day.
  ["1 working day", "2026-03-25T16:00:00Z", "2026-03-27T08:00:00Z"],
])("%s from %s are %s", (text, from, expected) => {
  expect(add(text, from)).toBe(expected);
});

test("working time goes back as well", () => {
  const back = (unit: "days" | "hours", amount: number) => addWorkingTime(calendar, "2026-04-07T08:00:00Z", { unit, amount: -amount });
  expect([back("hours", 1), back("hours", 2), back("days", 1), back("days", 2)]).toEqual([
    "2026-04-07T07:00:00.000Z",
    "2026-04-02T14:00:00.000Z",
    "2026-04-02T08:00:00.000Z",
    "2026-04-01T08:00:00.000Z",
  ]);
});

test("a break moves a time of day to its end", () => {
  const shop = compiled({
    ...office,
    workingHours: {
      monday: nineToFive,
      tuesday: [
        { from: "09:00", to: "12:00" },
        { from: "13:00", to: "17:00" },
      ],
    },
  });
  expect([add("1 working day", "2026-03-23T11:30:00Z", shop), add("1 working day", "2026-03-23T11:00:00Z", shop)]).toEqual([
    "2026-03-24T12:00:00Z",
    "2026-03-24T11:00:00Z",
  ]);
});

test("a calendar that never closes counts every hour of a day of 23 and of 25 hours", () => {
  const always = alwaysCalendar("Europe/Berlin");
  expect(workingSecondsBetween(always, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")).toBe(23 * 3600);
  expect(workingSecondsBetween(always, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")).toBe(25 * 3600);
  expect(add("2 working days", "2026-03-28T17:00:00Z", always)).toBe("2026-03-30T16:00:00Z");
});

test("an unusual zone keeps its days: a day that is skipped has no working time", () => {
  const apia = alwaysCalendar("Pacific/Apia");
  // 2011-12-30 did not exist there.
  expect(workingSecondsBetween(apia, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z")).toBe(48 * 3600);
  expect(workingSecondsBetween(compiled({ ...office, timeZone: "Pacific/Apia" }), "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z")).toBe(
    8 * 3600,
  );
});

test("without working time there is no result, at once: no hours, or more than ten years away", () => {
  const never = compiled({ ...office, workingHours: {} });
  const rarely = compiled({ ...office, workingHours: { monday: [{ from: "09:00", to: "09:01" }] } });
  const before = process.threadCpuUsage();
  for (const text of ["1 working minute", "1 working hour", "1 working day", "3660 working days"])
    expect(add(text, "2026-01-01T00:00:00Z", never)).toBeNull();
  expect(add("10 working hours", "2026-01-01T00:00:00Z", rarely)).toBeNull();
  // One of these Mondays is a holiday.
  expect(add("521 working days", "2026-01-01T00:00:00Z", rarely)).toBe("2036-01-07T08:00:00Z");
  expect(add("3660 working days", "2026-01-01T00:00:00Z", rarely)).toBeNull();
  expect(addWorkingTime(never, "2026-01-01T00:00:00Z", { unit: "days", amount: -1 })).toBeNull();
  expect(addWorkingTime(never, "2026-01-01T00:00:00Z", { unit: "hours", amount: -1 })).toBeNull();
  expect(workingSecondsBetween(never, "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z")).toBe(0);
  expect(process.threadCpuUsage(before).user).toBeLessThan(1_000_000);
  expect(add("P1D", "2026-01-01T00:00:00Z", never)).toBe("2026-01-02T00:00:00Z");
});

test("a period is an ISO 8601 duration, or working days, hours or minutes of at most ten years", () => {
  expect(
    ["2 days", "2  working days", "two working days", "0 working days", "-1 working days", "3661 working days", "1.5 working hours"]
      .concat(["2 working weeks", "2 Working days", " 2 working days", "87841 working hours", "P0D", ""])
      .filter((text) => parsePeriod(text) !== null),
  ).toEqual([]);
  expect([parsePeriod("1 working day"), parsePeriod("90 working minutes"), parsePeriod("P1DT2H")]).toEqual([
    { kind: "working", unit: "days", amount: 1 },
    { kind: "working", unit: "minutes", amount: 90 },
    { kind: "calendar", duration: { months: 0, days: 1, seconds: 7200 } },
  ]);
});

test("every mistake of a calendar has its path", () => {
  const result = compileCalendar({
    timeZone: "Mars/Olympus",
    workingHours: {
      monday: [
        { from: "10:00", to: "09:00" },
        { from: "9:00", to: "10:00" },
      ],
      tuesday: [
        { from: "09:00", to: "12:00" },
        { from: "11:00", to: "24:00" },
      ],
      funday: [],
    },
    holidays: [{ date: "2026-02-30" }, { date: "2026-05-01" }, { date: "2026-05-01" }],
  });
  expect(result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'timeZone: "Mars/Olympus" is not a valid time zone.',
    'workingHours.funday: "funday" is not a day of the week. Use monday to sunday.',
    "workingHours.monday.0: 10:00 is not before 09:00. Split spans that cross midnight into two days.",
    'workingHours.monday.1: "9:00" is not a valid time of day. Use 00:00 to 24:00.',
    "workingHours.tuesday.1: 11:00 is before the end of the previous span, 12:00.",
    'holidays.0.date: "2026-02-30" is not a valid date.',
    "holidays.2.date: 2026-05-01 is already in the list.",
  ]);
  expect(compileCalendar({ timeZone: "+02:00", workingHours: {}, holidays: [] }).ok).toBe(false);
});

test("the default calendar is Monday to Friday, 09:00 to 17:00 UTC", () => {
  expect(add("1 working hour", "2026-03-06T16:30:00Z", DEFAULT_CALENDAR)).toBe("2026-03-09T09:30:00Z");
});
