import type { EventEnvelope, Viewer } from "@weft/shared";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openSubscription } from "./subscription.js";
import { ConnectionEnded } from "./connection.js";
import { TenantFeed } from "./tenant-feed.js";

const event = (position: number) => ({ id: `e${position}`, position }) as EventEnvelope;

test("whatever messages are lost, doubled or out of order, listeners get each event once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ position: fc.integer({ min: 1, max: 40 }), asHead: fc.boolean(), logFails: fc.boolean(), waits: fc.boolean() }),
        { maxLength: 60 },
      ),
      async (messages) => {
        let written = 0;
        let fails = false;
        const feed = new TenantFeed({
          position: 0,
          read: async (after, limit) => {
            await Promise.resolve();
            if (fails) throw new Error("The database is away.");
            return Array.from({ length: Math.max(0, Math.min(limit, written - after)) }, (_, index) => event(after + index + 1));
          },
          onError: () => undefined,
        });
        const heard: number[] = [];
        feed.listen(({ position }) => heard.push(position));
        for (const { position, asHead, logFails, waits } of messages) {
          // An event is in the log before anybody speaks of it.
          written = Math.max(written, position);
          fails = logFails;
          if (asHead) feed.announce(position);
          else feed.offer(event(position));
          if (waits) await feed.catchUp();
        }
        fails = false;
        await feed.catchUp();
        await feed.catchUp();
        expect(heard).toEqual(Array.from({ length: written }, (_, index) => index + 1));
      },
    ),
    { numRuns: 300 },
  );
});

test("an answer that was under way while the rights ended is not sent", async () => {
  const feed = new TenantFeed({ position: 0, read: () => Promise.resolve([]), onError: () => undefined });
  const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isEnded = false;
  const sent: number[] = [];
  const stream = openSubscription({
    mirror: { field: "f", responseKey: "f", query: "", atVariable: "at", variables: {}, args: {}, after: null },
    matches: () => true,
    cursorOf: ({ position }) => String(position),
    feed,
    readLog: () => Promise.resolve([]),
    after: 0,
    execute: async () => {
      started.resolve();
      await gate.promise;
      return { data: { f: {} }, status: 200 };
    },
    address: null,
    userAgent: null,
    viewer: () => (isEnded ? Promise.reject(new ConnectionEnded()) : Promise.resolve({} as Viewer)),
    maxWaiting: 10,
    onTooSlow: () => undefined,
    onSent: ({ position }) => void sent.push(position),
  });
  const next = stream.next();
  feed.offer(event(1));
  await started.promise;
  isEnded = true;
  gate.resolve();
  await expect(next).rejects.toThrow(ConnectionEnded);
  expect(sent).toEqual([]);
  expect(feed.hasListeners).toBe(false);
});

test("a subscriber that does not take its events is told so once, and holds no more than its bound", async () => {
  const feed = new TenantFeed({ position: 0, read: () => Promise.resolve([]), onError: () => undefined });
  let slow = 0;
  const stream = openSubscription({
    mirror: { field: "f", responseKey: "f", query: "", atVariable: "at", variables: {}, args: {}, after: null },
    matches: () => true,
    cursorOf: ({ position }) => String(position),
    feed,
    readLog: () => Promise.resolve([]),
    after: 0,
    execute: () => Promise.resolve({ data: { f: {} }, status: 200 }),
    address: null,
    userAgent: null,
    viewer: () => Promise.reject(new Error("not asked")),
    maxWaiting: 10,
    onTooSlow: () => void slow++,
    onSent: () => undefined,
  });
  for (let position = 1; position <= 50; position++) feed.offer(event(position));
  expect(slow).toBe(1);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(feed.hasListeners).toBe(false);
});

test.each(["SERVICE_UNAVAILABLE", "RATE_LIMITED"])(
  "an event whose query is refused with %s is tried again, not told as a refusal",
  async (code) => {
    const feed = new TenantFeed({ position: 0, read: () => Promise.resolve([]), onError: () => undefined });
    let tries = 0;
    const stream = openSubscription({
      mirror: { field: "f", responseKey: "f", query: "", atVariable: "at", variables: {}, args: {}, after: null },
      matches: () => true,
      cursorOf: ({ position }) => String(position),
      feed,
      readLog: () => Promise.resolve([]),
      after: 0,
      execute: () =>
        Promise.resolve(
          ++tries < 3
            ? { data: { f: null }, errors: [{ message: "", extensions: { code } }], status: 200 }
            : { data: { f: {} }, status: 200 },
        ),
      address: null,
      userAgent: null,
      viewer: () => Promise.resolve({} as Viewer),
      maxWaiting: 10,
      onTooSlow: () => undefined,
      onSent: () => undefined,
      pausesMs: [1, 1],
    });
    const next = stream.next();
    feed.offer(event(1));
    expect(await next).toMatchObject({ value: { data: { f: {} } } });
    expect(tries).toBe(3);
    await stream.return();
  },
);
