import type { Chore } from "../../cleaning/cleaner.js";
import { type EventUse, parkedEvents } from "./event-use.js";
import { deleteEvents, lockRetention, nextEvents, recordProgress, type Part } from "./past-events.store.js";

/** Steps per call. Each examines as many events as may be deleted, and most of them are deleted. */
const MAX_STEPS = 20;

/**
 * Deletes the events that are older than their tenant keeps them, oldest first, and their positions. Events that are still needed stay, and are examined
 * again in later calls. `events.retention` records up to where events are missing. One worker at a time deletes those of a tenant.
 * @param options.daysOf returns the number of days for which a tenant (by UUID) keeps events
 * @param options.consumers names of the consumers. Events that one of them has not handled stay.
 */
export const pastEvents = (options: {
  readonly daysOf: (tenantId: string) => Promise<number>;
  readonly consumers: readonly string[];
  readonly uses: readonly EventUse[];
}): Chore => ({
  what: "events",
  deleteSome: async (tx, limit, tenantId) => {
    const days = await options.daysOf(tenantId);
    const { consumers } = options;
    const uses = [parkedEvents, ...options.uses];
    if (!(await lockRetention(tx))) return 0;
    const sweep = async (part: Part): Promise<{ readonly deleted: number; readonly isAtEnd: boolean }> => {
      const found = await nextEvents(tx, { part, days, limit, consumers, uses });
      const deleted = await deleteEvents(tx, found.deletable);
      await recordProgress(tx, part, found);
      return { deleted, isAtEnd: found.isAtEnd };
    };
    let total = 0;
    let part: Part = "NEW";
    for (let step = 0; step < MAX_STEPS && total < limit; step++) {
      const { deleted, isAtEnd } = await sweep(part);
      total += deleted;
      if (!isAtEnd) continue;
      if (part === "KEPT") break;
      part = "KEPT";
    }
    return total;
  },
});
