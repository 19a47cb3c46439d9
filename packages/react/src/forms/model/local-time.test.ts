import { expect, test } from "vitest";
import { localTime, pointInTime } from "./local-time.js";

test("a point in time survives the input of a browser", () => {
  expect(pointInTime(localTime("2026-03-31T07:30:00Z"))).toBe("2026-03-31T07:30:00Z");
  expect(pointInTime(localTime("2026-03-31T07:30:15Z"))).toBe("2026-03-31T07:30:15Z");
});

test("what is not complete is no answer", () => {
  expect([pointInTime(""), pointInTime("2026-03"), localTime("soon")]).toEqual([undefined, "2026-03-01T00:00:00Z", ""]);
});
