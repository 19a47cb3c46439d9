import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { AdaptiveSemaphore } from "./adaptive-semaphore.js";

/** Returns a semaphore of a process whose event loop is saturated and in which "loud" has recently used much of the time. */
async function aBusyProcess() {
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
  await places.run("quiet", () => Promise.resolve());
  for (let n = 0; n < 10; n++) await places.run("loud", () => setTimeout(30));
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
  await setTimeout(60);
  expect(began).toEqual(["loud", "quiet", "quiet"]);
  expect(places.waiting).toBe(1);
  gate.resolve();
  await Promise.all(all);
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
  await setTimeout(60);
  expect(isIn).toBe(false);
  loop.isBusy = false;
  await expect.poll(() => isIn, { timeout: 20_000 }).toBe(true);
  gate.resolve();
  await Promise.all([first, second]);
});

test("a heavy user pauses between two operations if one at a time leaves no capacity, and gets the result before the pause", async () => {
  const { places } = await aBusyProcess();
  const ended = await places.run("loud", async () => {
    await setTimeout(30);
    return performance.now();
  });
  const answered = performance.now();
  await places.run("loud", () => Promise.resolve());
  const restMs = performance.now() - answered;
  expect(restMs).toBeGreaterThan(100);
  expect(answered - ended).toBeLessThan(restMs / 2);
});
