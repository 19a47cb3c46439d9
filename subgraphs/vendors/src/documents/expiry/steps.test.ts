import { expect, test } from "vitest";
import { dueStep, type Expiry, nextDay } from "./steps.js";

const document: Expiry = {
  validUntil: "2026-06-30",
  reminderDays: [30, 7, 1],
  remindedFor: null,
  remindedDays: null,
  expiredFor: null,
  isReplaced: false,
};

test("a document reminds once per threshold, and of several that have passed only the last", () => {
  expect([dueStep(document, "2026-05-30"), nextDay(document, "2026-05-30")]).toEqual([null, "2026-05-31"]);
  expect(dueStep(document, "2026-05-31")).toEqual({ kind: "REMIND", days: 30 });
  const reminded = { ...document, remindedFor: "2026-06-30", remindedDays: 30 };
  expect([dueStep(reminded, "2026-05-31"), nextDay(reminded, "2026-05-31")]).toEqual([null, "2026-06-23"]);
  expect(dueStep(reminded, "2026-06-30")).toEqual({ kind: "REMIND", days: 1 });
  expect(dueStep({ ...reminded, remindedDays: 1 }, "2026-06-30")).toBeNull();
  // Another last day is another reason to remind.
  expect(dueStep({ ...reminded, validUntil: "2026-07-01", remindedDays: 1 }, "2026-06-30")).toEqual({ kind: "REMIND", days: 1 });
});

test("a document expires once, after its last day", () => {
  const reminded = { ...document, remindedFor: "2026-06-30", remindedDays: 1 };
  expect([dueStep(reminded, "2026-06-30"), nextDay(reminded, "2026-06-30")]).toEqual([null, "2026-07-01"]);
  expect(dueStep(reminded, "2026-07-01")).toEqual({ kind: "EXPIRE" });
  const expired = { ...reminded, expiredFor: "2026-06-30" };
  expect([dueStep(expired, "2026-07-01"), nextDay(expired, "2026-07-01")]).toEqual([null, null]);
});

test("a document with a successor reminds only if the successor stops counting", () => {
  const replaced = { ...document, isReplaced: true };
  expect([dueStep(replaced, "2026-06-23"), nextDay(replaced, "2026-06-23")]).toEqual([null, "2026-06-29"]);
  expect(dueStep(document, "2026-06-29")).toEqual({ kind: "REMIND", days: 1 });
});
