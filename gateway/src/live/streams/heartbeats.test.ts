import { fakeTimers } from "@weft/testkit/fake-timers";
import { expect, onTestFinished, test, vi } from "vitest";
import { Heartbeats } from "./heartbeats.js";

test("every stream gets a heartbeat in each interval, not all at once, until it ends", async () => {
  await fakeTimers();
  const heartbeats = new Heartbeats(10_000);
  onTestFinished(() => heartbeats.stop());
  const beats = Array.from({ length: 120 }, () => 0);
  const ends = beats.map((_, index) => heartbeats.add(() => void (beats[index] = (beats[index] ?? 0) + 1)));
  vi.advanceTimersByTime(200);
  expect(beats.filter((count) => count > 0).length).toBeLessThan(10);
  vi.advanceTimersByTime(9_800);
  expect(beats.every((count) => count === 1)).toBe(true);
  ends[0]?.();
  vi.advanceTimersByTime(10_000);
  expect([beats[0], beats[1]]).toEqual([1, 2]);
});
