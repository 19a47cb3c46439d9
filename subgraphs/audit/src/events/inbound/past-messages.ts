import type { Chore } from "@weft/platform/cleaning";
import { deletePastInboundMessages } from "./inbound-message.store.js";

/**
 * Deletes the oldest messages of inbound webhooks with their bodies, whatever became of them.
 * @param daysOf returns the number of days for which a tenant (by UUID) keeps messages
 */
export const pastInboundMessages = (daysOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "messages of inbound webhooks",
  deleteSome: async (tx, limit, tenantId) => deletePastInboundMessages(tx, { days: await daysOf(tenantId), limit }),
});
