import fc from "fast-check";
import { expect, test } from "vitest";
import { FairSemaphore } from "./fair-semaphore.js";
import type { FairSemaphoreOptions } from "./fair-semaphore.js";

const semaphore = (options: Omit<FairSemaphoreOptions, "refusal">) =>
  new FairSemaphore({ ...options, refusal: ({ reason, isOwnFault }) => new Error(`${reason}${isOwnFault ? ", own fault" : ""}`) });

/** Starts one piece of work per key, named by key and number. Each ends on request. */
function started(places: FairSemaphore, keys: readonly string[]) {
  const running = new Map<string, () => void>();
  const order: string[] = [];
  const all = keys.map((key, at) =>
    places.run(key, async () => {
      order.push(`${key}${at}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      running.set(`${key}${at}`, resolve);
      await promise;
    }),
  );
  const end = async (name: string): Promise<void> => {
    running.get(name)?.();
    running.delete(name);
    await new Promise(setImmediate);
  };
  const endAll = async (): Promise<void> => {
    while (running.size > 0) for (const name of running.keys()) await end(name);
    await Promise.all(all);
  };
  return { running, order, end, endAll };
}

test("never runs more callers than there are slots, and runs all of them in order", async () => {
  const places = semaphore({ size: 3 });
  const { running, order, endAll } = started(places, ["a", "a", "a", "a", "a"]);
  expect([...running.keys()]).toEqual(["a0", "a1", "a2"]);
  expect([places.inUse, places.waiting]).toEqual([3, 2]);
  await endAll();
  expect(order).toEqual(["a0", "a1", "a2", "a3", "a4"]);
  expect([places.inUse, places.waiting]).toEqual([0, 0]);
});

test("a caller with much work does not make another caller wait for all of it", async () => {
  const { order, endAll } = started(semaphore({ size: 1 }), ["a", "a", "a", "a", "b", "c", "b"]);
  await endAll();
  expect(order).toEqual(["a0", "a1", "b4", "c5", "a2", "b6", "a3"]);
});

test("a key holds at most its share even while slots are free, and callers queued behind it are served", async () => {
  const { running, end, endAll } = started(semaphore({ size: 3, perKey: () => 2 }), ["a", "a", "a", "b", "c"]);
  expect([...running.keys()]).toEqual(["a0", "a1", "b3"]);
  await end("b3");
  expect([...running.keys()]).toEqual(["a0", "a1", "c4"]);
  await end("a0");
  expect([...running.keys()]).toEqual(["a1", "c4", "a2"]);
  await endAll();
});

test("refuses a caller that waits too long, or behind too many of its own calls, and says whether the caller caused it", async () => {
  const places = semaphore({ size: 2, perKey: () => 1, maxWaitingPerKey: 1, waitMs: 30 });
  void places.take("a");
  const waiting = places.take("a");
  await expect(places.take("a")).rejects.toThrow("too many wait, own fault");
  await expect(waiting).rejects.toThrow("waited too long, own fault");
  void places.take("b");
  await expect(places.take("c")).rejects.toThrow(/^waited too long$/);
  expect([places.inUse, places.waiting]).toEqual([2, 0]);
});

test("a caller that leaves while it waits leaves no trace, and failing work releases its slot", async () => {
  const places = semaphore({ size: 1 });
  const leaving = new AbortController();
  void places.take("a");
  const waiting = places.run("a", () => Promise.resolve("never"), { signal: leaving.signal });
  leaving.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  await expect(places.run("a", () => Promise.resolve("never"), { signal: AbortSignal.abort(new Error("gone before")) })).rejects.toThrow(
    "gone before",
  );
  expect(places.waiting).toBe(0);
  places.release("a");
  await expect(places.run("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await places.run("a", () => Promise.resolve(1))).toBe(1);
});

test("for random arrivals and departures the shares are enforced, nothing is lost, and no slot stays empty while it can be used", async () => {
  const steps = fc.array(fc.oneof(fc.constantFrom("a", "b", "c", "d"), fc.nat({ max: 20 })), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), steps, async (size, perKey, commands) => {
      const places = semaphore({ size, perKey: () => perKey });
      const running: { key: string; end: () => void }[] = [];
      const all: Promise<void>[] = [];
      for (const command of commands) {
        if (typeof command === "string") {
          const gate = Promise.withResolvers<void>();
          all.push(
            places.run(command, async () => {
              running.push({ key: command, end: gate.resolve });
              await gate.promise;
            }),
          );
        } else running.splice(command % Math.max(1, running.length), 1)[0]?.end();
        await new Promise(setImmediate);
        const held = Map.groupBy(running, ({ key }) => key);
        expect(places.inUse).toBe(running.length);
        expect(running.length).toBeLessThanOrEqual(size);
        for (const ofKey of held.values()) expect(ofKey.length).toBeLessThanOrEqual(perKey);
        if (running.length < size && places.waiting > 0)
          expect(Math.max(...Array.from(held.values(), (ofKey) => ofKey.length))).toBe(perKey);
      }
      while (running.length > 0) {
        running.splice(0).forEach(({ end }) => end());
        await new Promise(setImmediate);
      }
      await Promise.all(all);
      expect([places.inUse, places.waiting]).toEqual([0, 0]);
    }),
    { numRuns: 100 },
  );
});

test("a caller can choose a shorter wait than the others, and learns whether its own calls were queued before it", async () => {
  const refusals: unknown[] = [];
  const places = new FairSemaphore({
    size: 1,
    waitMs: 60_000,
    refusal: ({ reason, isBehindItself }) => {
      refusals.push([reason, isBehindItself]);
      return new Error(reason);
    },
  });
  void places.take("a");
  const first = places.take("b", { waitMs: 20 });
  const second = places.take("b", { waitMs: 0 });
  await expect(second).rejects.toThrow("waited too long");
  await expect(first).rejects.toThrow("waited too long");
  expect(refusals).toEqual([
    ["waited too long", true],
    ["waited too long", false],
  ]);
  expect(places.waiting).toBe(0);
});

test("a caller that waits only for slots of its own key waits as long as it can, and others as long as the semaphore allows", async () => {
  const places = semaphore({ size: 2, perKey: () => 1, waitMs: 10 });
  expect(places.take("a")).toBeUndefined();
  const later = places.take("a", { waitMs: 60_000 });
  await expect(places.take("a")).rejects.toThrow("waited too long, own fault");
  expect(places.take("b")).toBeUndefined();
  await expect(places.take("c", { waitMs: 60_000 })).rejects.toThrow(/^waited too long$/);
  await expect(places.take("a", { waitMs: 20 })).rejects.toThrow("waited too long, own fault");
  places.release("a");
  await later;
});
