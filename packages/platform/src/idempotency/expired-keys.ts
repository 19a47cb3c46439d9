import type { Chore } from "../cleaning/cleaner.js";
import { deleteExpiredKeys } from "./expired-keys.store.js";

/**
 * Cleans up expired idempotency keys.
 * @param hoursOf returns the number of hours for which a tenant's keys (by tenant UUID) can be replayed
 */
export const expiredKeys = (hoursOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "idempotency keys",
  deleteSome: async (tx, limit, tenantId) => deleteExpiredKeys(tx, { hours: await hoursOf(tenantId), limit }),
});
