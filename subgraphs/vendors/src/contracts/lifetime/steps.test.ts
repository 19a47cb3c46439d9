import { describe, expect, test } from "vitest";
import { dueStep, type Lifetime, nextDay } from "./steps.js";

const contract: Lifetime = {
  status: "ACTIVE",
  startsOn: "2026-01-01",
  endsOn: "2026-12-31",
  terminatesOn: null,
  noticeDays: 30,
  renewalMonths: null,
  reminderDays: [90, 60, 7],
  remindedFor: null,
  remindedDays: null,
};

describe("a contract", () => {
  test("begins on its first day", () => {
    const signed = { ...contract, status: "SIGNED" };
    expect(dueStep(signed, "2025-12-31")).toBeNull();
    expect(nextDay(signed, "2025-12-31")).toBe("2026-01-01");
    expect(dueStep(signed, "2026-01-01")).toEqual({ kind: "ACTIVATE" });
  });

  test("ends after its last day", () => {
    const reminded = { ...contract, remindedFor: "2026-12-31", remindedDays: 7 };
    expect(dueStep(reminded, "2026-12-31")).toBeNull();
    expect(nextDay(reminded, "2026-12-31")).toBe("2027-01-01");
    expect(dueStep(reminded, "2027-01-01")).toEqual({ kind: "EXPIRE" });
    expect(nextDay({ ...reminded, status: "EXPIRED" }, "2027-01-01")).toBeNull();
  });

  test("is renewed until its end is not over, also after a long time", () => {
    const renewed = { ...contract, renewalMonths: 12 };
    expect(dueStep(renewed, "2027-01-01")).toEqual({ kind: "RENEW", endsOn: "2027-12-31" });
    expect(dueStep(renewed, "2030-06-01")).toEqual({ kind: "RENEW", endsOn: "2030-12-31" });
    expect(dueStep({ ...renewed, terminatesOn: "2028-01-01" }, "2027-01-01")).toEqual({ kind: "EXPIRE" });
  });

  test("without a last day only ends when it is terminated", () => {
    const open = { ...contract, endsOn: null };
    expect([dueStep(open, "2099-01-01"), nextDay(open, "2026-02-01")]).toEqual([null, null]);
    expect(dueStep({ ...open, terminatesOn: "2026-03-01" }, "2026-03-01")).toEqual({ kind: "TERMINATE" });
  });

  test("reminds once per threshold, before the last day for a notice", () => {
    const remind = (days: number) => ({ kind: "REMIND", endsOn: "2026-12-31", noticeBy: "2026-12-01", days });
    expect(nextDay(contract, "2026-01-02")).toBe("2026-09-02");
    expect(dueStep(contract, "2026-09-01")).toBeNull();
    expect(dueStep(contract, "2026-09-02")).toEqual(remind(90));
    const after = { ...contract, remindedFor: "2026-12-31", remindedDays: 90 };
    expect(dueStep(after, "2026-09-02")).toBeNull();
    expect(nextDay(after, "2026-09-02")).toBe("2026-10-02");
    // The worker stood still: only the last threshold counts.
    expect(dueStep(after, "2026-12-24")).toEqual(remind(7));
    expect(dueStep({ ...after, remindedDays: 7 }, "2026-12-24")).toBeNull();
    // A new end is a new reason to remind.
    expect(dueStep({ ...after, endsOn: "2027-12-31" }, "2027-09-02")).toMatchObject({ days: 90, endsOn: "2027-12-31" });
    expect(dueStep({ ...contract, terminatesOn: "2026-12-30" }, "2026-12-24")).toBeNull();
  });
});
