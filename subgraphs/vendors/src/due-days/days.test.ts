import { expect, test } from "vitest";
import { addDays, addMonths } from "./days.js";

test("months end on their last day", () => {
  expect([addMonths("2026-01-31", 1), addMonths("2027-11-30", 3), addMonths("2026-12-31", 12)]).toEqual([
    "2026-02-28",
    "2028-02-29",
    "2027-12-31",
  ]);
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
});
