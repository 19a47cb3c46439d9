import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { maxLookedUp } from "../read.js";
import { HeldEvents } from "./held-events.js";

const batch = (first: number, last: number, size = last - first + 1) => ({
  envelopes: Array.from({ length: last - first + 1 }, (_, at) => ({ position: first + at }) as EventEnvelope),
  size,
});
const positions = (events: readonly EventEnvelope[]): number[] => events.map(({ position }) => position);
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

test("returns the events after a position across batches, at most as many as one statement looks up", () => {
  const held = new HeldEvents();
  for (const first of [1, 301, 601]) held.hold("t", ["one"], batch(first, first + 299));
  expect(positions(held.after("t", 0))).toEqual(range(1, maxLookedUp));
  expect(positions(held.after("t", 250))).toEqual(range(251, 750));
  expect(positions(held.after("t", 899))).toEqual([900]);
  expect(held.after("t", 900)).toEqual([]);
  expect(held.after("other", 0)).toEqual([]);
});

test("ends before a gap, and returns nothing if the first event after the position is not held", () => {
  const held = new HeldEvents();
  held.hold("t", ["one"], batch(11, 20));
  held.hold("t", ["one"], batch(31, 40));
  expect(positions(held.after("t", 15))).toEqual(range(16, 20));
  expect(held.after("t", 9)).toEqual([]);
  expect(held.after("t", 20)).toEqual([]);
  expect(positions(held.after("t", 30))).toEqual(range(31, 40));
});

test("holds a batch until each of its consumers has passed it", () => {
  const held = new HeldEvents();
  held.hold("t", ["one", "other"], batch(1, 10));
  held.hold("t", ["one"], batch(11, 20));
  held.release("t", "one", 15);
  expect(held.size).toBe(20);
  held.release("t", "other", 9);
  expect(held.size).toBe(20);
  held.release("t", "other", 10);
  expect(held.size).toBe(10);
  expect(held.after("t", 0)).toEqual([]);
  held.release("t", "one");
  expect(held.size).toBe(0);
});

test("holds nothing beyond its size, or that no consumer waits for", () => {
  const held = new HeldEvents({ maxSize: 100 });
  held.hold("t", [], batch(1, 10));
  held.hold("t", ["one"], batch(11, 20, 90));
  held.hold("other", ["one"], batch(1, 10, 11));
  expect(held.size).toBe(90);
  expect(held.after("other", 0)).toEqual([]);
  held.release("t", "one", 20);
  held.hold("other", ["one"], batch(11, 20, 100));
  expect(positions(held.after("other", 10))).toEqual(range(11, 20));
});

test("never returns anything but the events that follow, whatever was held and released", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("hold" as const), skip: fc.nat(3), length: fc.integer({ min: 1, max: 8 }), size: fc.nat(40) }),
    fc.record({ kind: fc.constant("release" as const), consumer: fc.constantFrom("one", "other"), upTo: fc.nat(60) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat(80), (steps, after) => {
      const held = new HeldEvents({ maxSize: 100 });
      let last = 0;
      for (const each of steps) {
        if (each.kind === "release") held.release("t", each.consumer, each.upTo);
        else {
          const first = last + 1 + each.skip;
          last = first + each.length - 1;
          held.hold("t", ["one", "other"], batch(first, last, each.size));
        }
        expect(held.size).toBeLessThanOrEqual(100);
      }
      const found = positions(held.after("t", after));
      expect(found).toEqual(range(after + 1, after + found.length));
      for (const consumer of ["one", "other"]) held.release("t", consumer);
      expect(held.size).toBe(0);
    }),
  );
});
