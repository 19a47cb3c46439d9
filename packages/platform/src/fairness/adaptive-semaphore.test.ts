import { fakeTimers } from "@weft/testkit/fake-timers";
import { beforeEach, expect, test, vi } from "vitest";
import { AdaptiveSemaphore } from "./adaptive-semaphore.js";

// On a busy machine, the times of real operations say nothing.
beforeEach(() => fakeTimers());

/** An operation. */
const work = (ms = 300): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(performance.now()), ms));

/** Lets time pass until the promise is settled. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => (isSettled = true));
  for (let ms = 0; !isSettled && ms < 5_000; ms += 5) await vi.advanceTimersByTimeAsync(5);
  return settled;
}

/** Returns a semaphore of a process whose event loop is saturated. */
function aSemaphore() {
  const started = performance.now();
  const loop = { isBusy: true, active: 0, now: 0 };
  const places = new AdaptiveSemaphore({
    size: 10,
    maxPerKey: 4,
    refusal: ({ reason }) => new Error(reason),
    loop: () => {
      const now = performance.now() - started;
      loop.active += loop.isBusy ? now - loop.now : 0;
      loop.now = now;
      return { now, active: loop.active };
    },
  });
  return { places, loop };
}

/** Returns one in which "loud" has recently used much of the time. */
async function aBusyProcess() {
  const { places, loop } = aSemaphore();
  await places.run("quiet", () => Promise.resolve());
  for (let n = 0; n < 6; n++) await inTime(places.run("loud", () => work()));
  return { places, loop };
}

test("a heavy user holds one slot while the event loop has no capacity, and another user as many as allowed", async () => {
  const { places } = await aBusyProcess();
  const began: string[] = [];
  const gate = Promise.withResolvers<void>();
  const all = ["loud", "loud", "quiet", "quiet"].map((key) =>
    places.run(key, async () => {
      began.push(key);
      await gate.promise;
    }),
  );
  await vi.advanceTimersByTimeAsync(300);
  expect(began).toEqual(["quiet", "quiet", "loud"]);
  expect(places.waiting).toBe(1);
  gate.resolve();
  await inTime(Promise.all(all));
});

test("waiting callers are admitted when the event loop has capacity again, even if no slot was released", async () => {
  const { places, loop } = await aBusyProcess();
  const gate = Promise.withResolvers<void>();
  const first = places.run("loud", () => gate.promise);
  let isIn = false;
  const second = places.run("loud", async () => {
    isIn = true;
    await gate.promise;
  });
  await vi.advanceTimersByTimeAsync(300);
  expect(isIn).toBe(false);
  loop.isBusy = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isIn).toBe(true);
  gate.resolve();
  await inTime(Promise.all([first, second]));
});

test("a heavy user pauses between two operations if one at a time leaves no capacity, and gets the result before the pause", async () => {
  const { places } = await aBusyProcess();
  const ended = await inTime(places.run("loud", () => work()));
  expect(performance.now() - ended).toBeLessThanOrEqual(5);
  const next = await inTime(places.run("loud", () => Promise.resolve(performance.now())));
  expect(next - ended).toBeGreaterThan(100);
});

test("operations at the same time, each of which delays the others, do not make a user heavier than the same ones in turn", async () => {
  const { places } = aSemaphore();
  for (let round = 0; round < 5; round++) {
    await inTime(Promise.all(Array.from({ length: 4 }, () => places.run("at once", () => work(80)))));
    for (let n = 0; n < 4; n++) await inTime(places.run("in turn", () => work(20)));
  }
  const gate = Promise.withResolvers<void>();
  const all = Array.from({ length: 4 }, () => places.run("at once", () => gate.promise));
  expect(places.waiting).toBe(0);
  gate.resolve();
  await Promise.all(all);
});
