import { expect, test } from "vitest";
import { addDuration, parseDuration, readMoment } from "./durations.js";

test("durations are ISO 8601 durations of at most ten years and follow the calendar", () => {
  expect(
    ["P", "PT", "P0D", "P1", "1D", "P-1D", "P1.5D", "P11Y", "P1DT", "PT9999999999S", "p1d"].filter((text) => parseDuration(text) !== null),
  ).toEqual([]);
  const from = "2026-01-31T10:00:00.123456Z";
  const add = (text: string) => addDuration(from, parseDuration(text) ?? { months: 0, days: 0, seconds: 0 });
  expect([add("P1M"), add("P1Y1M"), add("P1W"), add("P1DT2H3M4S")]).toEqual([
    "2026-02-28T10:00:00.123Z",
    "2027-02-28T10:00:00.123Z",
    "2026-02-07T10:00:00.123Z",
    "2026-02-01T12:03:04.123Z",
  ]);
});

test("a due value is a date, meaning its end, or a time with a zone; dates that are not in the calendar are invalid", () => {
  expect(readMoment("2026-02-28")).toBe("2026-02-28T23:59:59.999Z");
  expect(readMoment("2026-02-28T10:00+02:00")).toBe("2026-02-28T08:00:00.000Z");
  expect(
    ["2026-02-30", "2026-13-01", "tomorrow", "2026-02-28T10:00", "0000-01-01", "9999-12-31T23:59:59-12:00"].map((text) => readMoment(text)),
  ).toEqual([null, null, null, null, null, null]);
});

test.each([
  // A day is as long as the clocks of the zone say: 23 and 25 hours.
  ["2026-03-28T17:00:00.000Z", "P1D", "Europe/Berlin", "2026-03-29T16:00:00.000Z"],
  ["2026-10-24T15:00:00.000Z", "P1D", "Europe/Berlin", "2026-10-25T16:00:00.000Z"],
  ["2026-03-28T17:00:00.000Z", "PT24H", "Europe/Berlin", "2026-03-29T17:00:00.000Z"],
  ["2026-03-28T17:00:00.000Z", "P1D", "UTC", "2026-03-29T17:00:00.000Z"],
  // 02:30 does not exist on that night: 03:30. It exists twice on the other: the first.
  ["2026-03-28T01:30:00.000Z", "P1D", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
  ["2026-10-24T00:30:00.000Z", "P1D", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
  // Half an hour, on the other side of the world.
  ["2026-10-03T00:00:00.000Z", "P1D", "Australia/Lord_Howe", "2026-10-03T23:30:00.000Z"],
  ["2028-02-29T12:00:00.000Z", "P1Y", "Europe/Berlin", "2029-02-28T12:00:00.000Z"],
])("%s and %s in %s are %s", (from, text, zone, expected) => {
  expect(addDuration(from, parseDuration(text) ?? { months: 0, days: 0, seconds: 0 }, zone)).toBe(expected);
});

test("a date ends at midnight of the time zone", () => {
  expect(readMoment("2026-03-29", "Europe/Berlin")).toBe("2026-03-29T21:59:59.999Z");
  expect(readMoment("2026-03-29", "America/New_York")).toBe("2026-03-30T03:59:59.999Z");
  expect(readMoment("2026-03-29T10:00:00Z", "America/New_York")).toBe("2026-03-29T10:00:00.000Z");
});

test("subtracting a duration goes back on the calendar of the time zone", () => {
  const back = (from: string, text: string) =>
    addDuration(from, parseDuration(text) ?? { months: 0, days: 0, seconds: 0 }, "Europe/Berlin", -1);
  expect(back("2026-03-31T10:00:00Z", "P1M")).toBe("2026-02-28T11:00:00.000Z");
  expect(back("2026-03-29T16:00:00Z", "P1DT1H")).toBe("2026-03-28T16:00:00.000Z");
});
