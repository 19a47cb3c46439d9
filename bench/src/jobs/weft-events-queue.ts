import { channels, parseEnvelope } from "@weft/shared/event-catalog";
import { asTenant } from "@weft/platform/db";
import { appendEvents, type EventConsumer, startRelay } from "@weft/platform/events";
import { inProcessPubSub } from "@weft/platform/pubsub";
import type { Services } from "@weft/platform/services";
import { sql } from "drizzle-orm";
import type { postgres } from "@weft/pg-driver";
import type { EngineTenant } from "../harness/tenants/engine-tenant.js";
import type { Queue } from "./queue.js";

/**
 * Events of Weft: the relay numbers and publishes each, and a consumer handles it in one transaction with its cursor. An event is done when it has also
 * reached a subscriber.
 */
export function openWeftEvents(
  { databases, log }: Pick<Services, "databases" | "log">,
  owner: postgres.Sql,
  { tenantId, meta }: EngineTenant,
): Queue {
  const consumed = new Set<string>();
  // Parsed after the measurement.
  const messages: string[] = [];
  return {
    write: (jobIds) =>
      asTenant(databases.app, { tenantId }, "write", async (tx) => {
        await tx.execute(sql`insert into public.business_rows default values`);
        await appendEvents(
          tx,
          meta,
          jobIds.map((subjectId) => ({ type: "vendor.updated", subjectId, subjectVersion: 1, payload: { changed: [] } })),
        );
      }),
    start: async (handled) => {
      const pubsub = inProcessPubSub();
      await pubsub.subscribe(channels.events, (message) => void messages.push(message));
      const handle = (subjectId: string): void => {
        consumed.add(subjectId);
        handled(subjectId);
      };
      const consumer: EventConsumer = {
        name: "bench",
        types: ["vendor.updated"],
        handle: async (_tx, { subjectId }) => handle(subjectId),
        handleBatch: async (_tx, events) => {
          for (const { subjectId } of events) handle(subjectId);
        },
      };
      const relay = await startRelay({ databases, pubsub, consumers: [consumer], log });
      relay.signal();
      return async () => {
        await relay.idle();
        await relay.stop();
        await pubsub.close();
      };
    },
    waiting: async () => {
      const published = messages.splice(0).map((message) => parseEnvelope(message).subjectId);
      const isPublished = new Set(published);
      if (isPublished.size !== published.length)
        throw new Error(`${published.length - isPublished.size} events were published more than once.`);
      const unpublished = [...consumed].filter((id) => !isPublished.has(id)).length;
      consumed.clear();
      const [row] = await owner<{ count: number }[]>`
        select (select count(*) from events.outbox where tenant_id = ${tenantId})::int
             + (select h.position - c.position from events.position_heads h join events.consumer_cursors c using (tenant_id)
                 where tenant_id = ${tenantId} and c.consumer = 'bench')::int as count`;
      return unpublished + (row?.count ?? Number.NaN);
    },
    close: () => Promise.resolve(),
  };
}
