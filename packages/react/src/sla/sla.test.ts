import { describe, expect, test } from "vitest";
import { durationText } from "./duration.js";
import { createServerTime } from "./server-time.js";
import { slaTimeAt, type SlaClockFields } from "./sla-time.js";

const readAt = Date.parse("2026-03-02T09:00:00Z");
const seconds = (count: number): number => readAt + count * 1000;
const clock = (values: Partial<SlaClockFields>): SlaClockFields => ({
  id: "slc_1",
  title: "Response",
  status: "ON_TRACK",
  isBreached: false,
  targetSeconds: 7200,
  consumedSeconds: 3600,
  remainingSeconds: 3600,
  dueAt: "2026-03-02T10:00:00Z",
  endedAt: null,
  ...values,
});

describe("the time of an SLA clock", () => {
  test("counts down exactly if all time until it is due is working time", () => {
    expect(slaTimeAt(clock({}), { readAt, now: seconds(90) })).toEqual({
      isRunning: true,
      remainingMs: 3_510_000,
      isExact: true,
      untilDueMs: 3_510_000,
    });
  });

  test("does not count down over a night, whose beginning the client does not know", () => {
    const overnight = clock({ dueAt: "2026-03-03T09:00:00Z" });
    expect(slaTimeAt(overnight, { readAt, now: readAt })).toMatchObject({ remainingMs: 3_600_000, isExact: true });
    expect(slaTimeAt(overnight, { readAt, now: seconds(7200) })).toMatchObject({ remainingMs: 3_600_000, isExact: false });
    // There cannot be more working time than time.
    expect(slaTimeAt(overnight, { readAt, now: Date.parse("2026-03-03T08:30:00Z") })).toMatchObject({ remainingMs: 1_800_000 });
  });

  test("stands still while it is paused, and after its end", () => {
    const paused = clock({ status: "PAUSED", dueAt: null });
    expect(slaTimeAt(paused, { readAt, now: seconds(600) })).toEqual({
      isRunning: false,
      remainingMs: 3_600_000,
      isExact: true,
      untilDueMs: null,
    });
    expect(slaTimeAt(clock({ status: "MET" }), { readAt, now: seconds(600) })).toMatchObject({ isRunning: false, untilDueMs: null });
  });

  test("is overdue after the target", () => {
    expect(slaTimeAt(clock({}), { readAt, now: seconds(3660) })).toMatchObject({ untilDueMs: -60_000 });
  });
});

describe("the server's time", () => {
  test("is that of the device while nothing contradicts it", () => {
    const time = createServerTime(() => readAt);
    time.sawEvent("2026-03-02T08:59:59Z");
    time.sawClock("2026-03-02T18:00:00Z", 3600);
    time.sawClock("2026-03-02T10:00:00Z", 3601);
    expect(time.now()).toBe(readAt);
  });

  test("is later than that of a device that is slow: events come from its future", () => {
    const time = createServerTime(() => readAt);
    time.sawEvent("2026-03-02T09:05:00Z");
    expect(time.now()).toBe(seconds(300));
  });

  test("is earlier than that of a device that is fast: a clock has more working time left than there seems to be time", () => {
    const time = createServerTime(() => readAt);
    time.sawClock("2026-03-02T09:50:00Z", 3600);
    expect(time.now()).toBe(seconds(-600));
  });

  test("follows the device when its clock is set", () => {
    let now = readAt;
    const time = createServerTime(() => now);
    time.sawClock("2026-03-02T09:50:00Z", 3600);
    now = seconds(-600);
    time.sawEvent("2026-03-02T08:50:00Z");
    expect(time.now()).toBe(now);
  });
});

test.each([
  [0, "0 seconds"],
  [61_000, "1 minute, 1 second"],
  [-3_600_000, "1 hour"],
  [93_600_000, "1 day, 2 hours"],
])("%d ms is written as %s", (ms, text) => {
  expect(durationText(ms, "en")).toBe(text);
});
