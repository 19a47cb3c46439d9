import type { Chore } from "../cleaning/cleaner.js";
import { deleteExpiredKeys } from "./expired-keys.store.js";

/** Idempotency keys that answer no more. @param hoursOf for how long a key of the tenant (a UUID) answers again */
export const expiredKeys = (hoursOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "idempotency keys",
  deleteSome: async (tx, limit, tenantId) => deleteExpiredKeys(tx, { hours: await hoursOf(tenantId), limit }),
});
