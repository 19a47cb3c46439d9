import type { EventEnvelope } from "@weft/shared/event-catalog";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TenantFeed } from "./tenant-feed.js";

const event = (position: number) => ({ id: `e${position}`, position }) as EventEnvelope;

test("listeners receive each event once and in order, whether messages are lost, duplicated or out of order", async () => {
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
          // An event is in the log before it is announced.
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
