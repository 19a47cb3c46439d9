import { asTenant } from "../db/as-tenant.js";
import type { Database } from "../db/database.js";
import { isTenantActive, lockCursor, moveCursor } from "./consumer.store.js";
import type { EventConsumer } from "./consumer.js";
import { headPosition, readEvents } from "./read.js";

/**
 * Handles the next events of a consumer in one tenant: at most `limit`, in one transaction with its cursor. Those of a suspended tenant wait;
 * its reactivation is an event, which wakes the consumer.
 * @returns whether it handled anything (something new may wait in the outbox), and whether more events wait for it
 */
export async function consumeBatch(
  database: Database,
  consumer: EventConsumer,
  { tenantId, limit }: { tenantId: string; limit: number },
): Promise<{ hasHandled: boolean; hasMore: boolean }> {
  return asTenant(database, { tenantId }, "write", async (tx) => {
    const from = await lockCursor(tx, tenantId, consumer.name);
    // The head first: every position up to it is committed, so a short page behind it proves that nothing is left before the head.
    const head = await headPosition(tx);
    if (head <= from) return { hasHandled: false, hasMore: false };
    if (!(await isTenantActive(tx, tenantId))) return { hasHandled: false, hasMore: false };
    const events = await readEvents(tx, { afterPosition: from, limit, types: consumer.types });
    for (const event of events) await consumer.handle(tx, event);
    const last = events.at(-1)?.position ?? from;
    const hasMore = events.length === limit;
    await moveCursor(tx, { tenantId, consumer: consumer.name, position: hasMore ? last : Math.max(head, last) });
    return { hasHandled: events.length > 0, hasMore };
  });
}
