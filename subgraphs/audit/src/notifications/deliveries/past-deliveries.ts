import type { Tx } from "@weft/platform/db";
import { deleteOldDeliveries } from "./delivery.store.js";

/** Cleans up ended deliveries. @param keptDays days for which a tenant keeps them */
export const pastNotificationDeliveries = (keptDays: (tenantId: string) => Promise<number>) => ({
  what: "notification deliveries",
  deleteSome: async (tx: Tx, limit: number, tenantId: string): Promise<number> =>
    deleteOldDeliveries(tx, { days: await keptDays(tenantId), limit }),
});
