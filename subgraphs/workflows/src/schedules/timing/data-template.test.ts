import { expect, test } from "vitest";
import { filledData, unknownPlaceholders } from "./data-template.js";

test("placeholders are replaced in every text, in the schedule's time zone", () => {
  const data = {
    title: "Report of {{ plannedDate }} {{plannedTime}}",
    list: ["{{plannedYear}}-{{plannedMonth}}", 5, null],
    other: "{{ name }}",
  };
  const given = { scheduleId: "sch_1", plannedAt: Date.parse("2026-12-31T23:30:00Z"), timeZone: "Europe/Vienna" };
  expect(filledData(data, given)).toEqual({ title: "Report of 2027-01-01 00:30", list: ["2027-01", 5, null], other: "{{ name }}" });
  expect(filledData("{{plannedAt}} {{scheduleId}}", given)).toBe("2026-12-31T23:30:00.000Z sch_1");
  expect(unknownPlaceholders(data)).toEqual(["name"]);
});
