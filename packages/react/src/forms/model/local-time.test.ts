import { describe, expect, test } from "vitest";
import { localTime, pointInTime } from "./local-time.js";

test("a point in time survives the input of a browser", () => {
  expect(pointInTime(localTime("2026-03-31T07:30:00Z"))).toBe("2026-03-31T07:30:00Z");
  expect(pointInTime(localTime("2026-03-31T07:30:15Z"))).toBe("2026-03-31T07:30:15Z");
});

test("what is not complete is no answer", () => {
  expect([pointInTime(""), pointInTime("2026-13-01T10:00"), localTime("soon")]).toEqual([undefined, undefined, ""]);
});

describe("in a time zone", () => {
  test.each([
    ["2026-03-31T07:30:00Z", "Europe/Berlin", "2026-03-31T09:30"],
    ["2026-03-31T13:30:00Z", "Pacific/Auckland", "2026-04-01T02:30"],
    ["2026-03-31T03:30:00Z", "America/Los_Angeles", "2026-03-30T20:30"],
    ["2026-03-31T18:30:05Z", "Asia/Kathmandu", "2026-04-01T00:15:05"],
    ["2026-03-31T00:00:00Z", "UTC", "2026-03-31T00:00"],
    ["0987-03-31T12:00:00Z", "UTC", "0987-03-31T12:00"],
  ])("%s is shown in %s as %s, and read again", (time, zone, shown) => {
    expect(localTime(time, zone)).toBe(shown);
    expect(pointInTime(shown, zone)).toBe(time);
  });

  test("a time that the change to summer time skips is an hour later", () => {
    expect(pointInTime("2026-03-29T02:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00Z");
    expect(pointInTime("2026-09-27T02:30", "Pacific/Auckland")).toBe("2026-09-26T14:30:00Z");
  });

  test("of a time that occurs twice, the first is meant", () => {
    expect(pointInTime("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00Z");
  });

  test("a day on which the clocks change has its first and its last minute", () => {
    expect(pointInTime("2026-03-29T00:00", "Europe/Berlin")).toBe("2026-03-28T23:00:00Z");
    expect(pointInTime("2026-03-29T23:59", "Europe/Berlin")).toBe("2026-03-29T21:59:00Z");
    expect(pointInTime("2026-10-25T00:00", "Europe/Berlin")).toBe("2026-10-24T22:00:00Z");
    expect(pointInTime("2026-10-25T23:59", "Europe/Berlin")).toBe("2026-10-25T22:59:00Z");
  });

  test("a day that begins an hour late begins when it does", () => {
    expect(localTime(pointInTime("2026-09-06T00:00", "America/Santiago") ?? "", "America/Santiago")).toBe("2026-09-06T01:00");
  });
});
