import { expect, test } from "vitest";
import { BadUserInput } from "@weft/shared/errors";
import { periodBefore, periodOf } from "./period.js";

test("a period is extended to quarters of an hour, and defaults to the last 30 days", () => {
  const now = "2026-03-10T10:07:03.5Z";
  const of = (seconds: number) => new Date(seconds * 1_000).toISOString();
  const last = periodOf({}, now);
  expect([of(last.from), of(last.to)]).toEqual(["2026-02-08T10:15:00.000Z", "2026-03-10T10:15:00.000Z"]);
  const given = periodOf({ from: "2026-03-01T00:01:00Z", to: "2026-03-02T00:00:00Z" }, now);
  expect([of(given.from), of(given.to)]).toEqual(["2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"]);
  expect(of(periodBefore(given).from)).toBe("2026-02-28T00:00:00.000Z");
  expect(() => periodOf({ from: now, to: "2026-03-01T00:00:00Z" }, now)).toThrow(BadUserInput);
  expect(() => periodOf({ from: "2024-01-01T00:00:00Z" }, now)).toThrow(/longer than 400 days/);
});

test("a period at the end of the year 9999 ends within it", () => {
  const { to } = periodOf({ from: "9999-12-31T00:00:00Z", to: "9999-12-31T23:59:59.999Z" }, "2026-03-10T10:07:03.5Z");
  expect(new Date(to * 1_000).toISOString()).toBe("9999-12-31T23:45:00.000Z");
});
