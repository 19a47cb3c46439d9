import { expect, test } from "vitest";
import { plannedPeriod } from "../report-period.js";
import { firstTimeOf, lastTimeOf, nextTimeOf } from "./planned-times.js";

const daily = { cron: "0 6 * * *", timeZone: "Europe/Zurich" };
const at = (time: string): number => Date.parse(time);

test("planned times follow the clock of the time zone", () => {
  expect(firstTimeOf(daily, at("2026-03-27T12:00:00Z"))).toBe("2026-03-28T05:00:00.000Z");
  expect(nextTimeOf(daily, "2026-03-28T05:00:00Z")).toBe(at("2026-03-29T04:00:00Z"));
});

test("a report makes up for the planned times that were missed", () => {
  expect(lastTimeOf(daily, "2026-05-01T04:00:00Z", "2026-05-04T03:59:59Z")).toBe(at("2026-05-03T04:00:00Z"));
  expect(lastTimeOf(daily, "2026-05-01T04:00:00Z", "2026-05-01T04:00:00Z")).toBe(at("2026-05-01T04:00:00Z"));
});

test("periods of days on which the clock changes leave no gap", () => {
  const { timeZone } = daily;
  const period = plannedPeriod({ to: at("2026-10-25T05:00:00Z"), days: 1, timeZone, reportedTo: null });
  expect(period).toEqual({ periodFrom: "2026-10-24T04:00:00.000Z", periodTo: "2026-10-25T05:00:00.000Z" });
});

test("a period begins where the previous one ended, or earlier if it has so many days", () => {
  const to = at("2026-04-01T04:00:00Z");
  const planned = { to, timeZone: "Europe/Zurich", reportedTo: "2026-03-01T05:00:00.000Z" };
  expect(plannedPeriod({ ...planned, days: 30 }).periodFrom).toBe("2026-03-01T05:00:00.000Z");
  expect(plannedPeriod({ ...planned, days: 90 }).periodFrom).toBe("2026-01-01T05:00:00.000Z");
  expect(plannedPeriod({ ...planned, days: 30, reportedTo: "2020-01-01T00:00:00.000Z" }).periodFrom).toBe("2025-02-25T04:00:00.000Z");
});
