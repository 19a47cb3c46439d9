import { expect, test } from "vitest";
import { isDay } from "./day.js";

test("a day is one of the calendar, in the years that PostgreSQL and ISO 8601 both have", () => {
  for (const day of ["2028-02-29", "0001-01-01", "9999-12-31"]) expect([day, isDay(day)]).toEqual([day, true]);
  for (const day of ["2026-02-29", "2026-2-1", "2026-01-01T00:00:00Z", "0000-01-01", "10000-01-01", ""])
    expect([day, isDay(day)]).toEqual([day, false]);
});
