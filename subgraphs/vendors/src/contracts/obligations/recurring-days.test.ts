import { expect, test } from "vitest";
import { nextOccurrence } from "./recurring-days.js";

test("recurring days count from the first one", () => {
  const monthly = { recurrence: "MONTHLY", anchorOn: "2026-01-31" };
  expect([0, 1, 2].map((completedCount) => nextOccurrence({ ...monthly, completedCount }))).toEqual([
    "2026-02-28",
    "2026-03-31",
    "2026-04-30",
  ]);
  expect(nextOccurrence({ recurrence: "QUARTERLY", anchorOn: "2026-01-31", completedCount: 0 })).toBe("2026-04-30");
  expect(nextOccurrence({ recurrence: "YEARLY", anchorOn: "2028-02-29", completedCount: 0 })).toBe("2029-02-28");
  expect(nextOccurrence({ recurrence: "NONE", anchorOn: "2026-01-31", completedCount: 0 })).toBeNull();
  expect(nextOccurrence({ recurrence: "YEARLY", anchorOn: "9999-12-31", completedCount: 0 })).toBeNull();
});
