import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { afterQuietHours, atDigest, dueTime, isQuiet, nextSlot } from "./due-time.js";

const HOUR = 3_600_000;
const zones = ["UTC", "Europe/Vienna", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo"];
const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString().replace(":00.000Z", "Z");
const night = { from: "22:00", to: "07:00" };

describe("digests", () => {
  test("are sent at the next full hour, or at the hour of the day, of the local time", () => {
    const hourly = (text: string, timeZone: string) => iso(atDigest(at(text), { timeZone, digest: "HOURLY", digestHour: 8 }));
    expect(hourly("2026-03-01T09:30:00Z", "UTC")).toBe("2026-03-01T10:00Z");
    expect(hourly("2026-03-01T09:00:00Z", "UTC")).toBe("2026-03-01T10:00Z");
    expect(hourly("2026-03-01T09:30:00Z", "Asia/Kathmandu")).toBe("2026-03-01T10:15Z");
    const daily = (text: string) => iso(atDigest(at(text), { timeZone: "Europe/Vienna", digest: "DAILY", digestHour: 8 }));
    expect(daily("2026-03-28T12:00:00Z")).toBe("2026-03-29T06:00Z");
    expect(daily("2026-03-27T12:00:00Z")).toBe("2026-03-28T07:00Z");
    expect(daily("2026-10-24T12:00:00Z")).toBe("2026-10-25T07:00Z");
  });

  test("of a day are exactly one per local day, also when clocks change", { tags: "slow" }, () => {
    for (const timeZone of zones)
      for (const digestHour of [0, 2, 3, 8, 23]) {
        const options = { timeZone, digest: "DAILY", digestHour } as const;
        const days = new Set<string>();
        let time = at("2026-01-01T12:00:00Z");
        for (let n = 0; n < 400; n++) {
          const next = atDigest(time, options);
          expect(next).toBeGreaterThan(time);
          expect(next - time).toBeLessThanOrEqual(26 * HOUR);
          // Everything between two digests is in the later one.
          expect(atDigest(time + Math.floor((next - time) / 2), options)).toBe(next);
          days.add(Temporal.Instant.fromEpochMilliseconds(next).toZonedDateTimeISO(timeZone).toPlainDate().toString());
          time = next;
        }
        expect(days.size).toBe(400);
      }
  });
});

describe("quiet hours", () => {
  test("postpone to their end", () => {
    const after = (text: string) => iso(afterQuietHours(at(text), "Europe/Vienna", night));
    expect(after("2026-03-01T12:00:00Z")).toBe("2026-03-01T12:00Z");
    expect(after("2026-03-01T21:00:00Z")).toBe("2026-03-02T06:00Z");
    expect(after("2026-03-28T23:00:00Z")).toBe("2026-03-29T05:00Z");
    expect(after("2026-10-24T23:00:00Z")).toBe("2026-10-25T06:00Z");
    expect(after("2026-03-01T06:00:00Z")).toBe("2026-03-01T06:00Z");
  });

  test("that end at a time that occurs twice end once, and those at a skipped time end after the gap", () => {
    const early = { from: "01:00", to: "02:30" };
    const after = (text: string) => iso(afterQuietHours(at(text), "Europe/Vienna", early));
    expect(after("2026-10-25T00:15:00Z")).toBe("2026-10-25T00:30Z");
    expect(after("2026-10-25T01:15:00Z")).toBe("2026-10-25T01:30Z");
    expect(after("2026-03-29T00:15:00Z")).toBe("2026-03-29T01:30Z");
  });

  test("never postpone into the past or by more than two days, and the result is not quiet", { tags: "slow" }, () => {
    const spans = [night, { from: "01:00", to: "02:30" }, { from: "12:00", to: "13:00" }, { from: "02:30", to: "02:00" }];
    for (const timeZone of zones)
      for (const span of spans)
        for (let time = at("2026-01-01T00:07:00Z"); time < at("2027-01-01T00:00:00Z"); time += 5 * HOUR + 7 * 60_000) {
          const next = afterQuietHours(time, timeZone, span);
          expect(next).toBeGreaterThanOrEqual(time);
          expect(next - time).toBeLessThanOrEqual(48 * HOUR);
          expect(isQuiet(next, timeZone, span)).toBe(false);
          if (!isQuiet(time, timeZone, span)) expect(next).toBe(time);
        }
  });
});

test("a snooze comes first, then the digest, then the quiet hours", () => {
  const timetable = {
    timeZone: "UTC",
    digest: "HOURLY",
    digestHour: 8,
    quietHours: night,
    snoozedUntil: at("2026-03-01T21:30:00Z"),
  } as const;
  expect(iso(dueTime(at("2026-03-01T10:00:00Z"), timetable))).toBe("2026-03-02T07:00Z");
  expect(iso(dueTime(at("2026-03-01T10:00:00Z"), { ...timetable, quietHours: null }))).toBe("2026-03-01T22:00Z");
  expect(iso(dueTime(at("2026-03-02T10:00:00Z"), { ...timetable, digest: "NONE" }))).toBe("2026-03-02T10:00Z");
});

test("five messages a minute, and as many an hour as allowed, leave at once", () => {
  const now = at("2026-03-01T10:00:00Z");
  const before = (...seconds: number[]) => seconds.map((one) => now - one * 1_000);
  expect(nextSlot(now, [], { perHour: 20 })).toBe(now);
  expect(nextSlot(now, before(1, 2, 3, 4), { perHour: 20 })).toBe(now);
  expect(nextSlot(now, before(4, 1, 2, 3, 50), { perHour: 20 })).toBe(now + 10_000);
  expect(nextSlot(now, before(100, 200, 300), { perHour: 3 })).toBe(now + 3_300_000);
});
