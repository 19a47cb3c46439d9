import type { Chore } from "@weft/platform/cleaning";
import { lockRetention, recordForgotten } from "@weft/platform/events";
import { deletePastDeliveries, failForgottenDeliveries } from "./past-deliveries.store.js";

/**
 * Deletes deliveries that ended long ago, with their attempts. Those that have waited for as long, because their webhook is paused or their tenant is
 * suspended, fail first, so that administrators see what was not sent. Those of a paused channel wait until it is resumed. Those of a webhook stay while
 * events are replayed to it, because they prevent that it receives an event twice.
 * @param daysOf returns the number of days for which a tenant (by UUID) keeps deliveries
 */
export const pastWebhookDeliveries = (daysOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "deliveries of webhooks",
  deleteSome: async (tx, limit, tenantId) => {
    const days = await daysOf(tenantId);
    if (!(await lockRetention(tx))) return 0;
    const failed = await failForgottenDeliveries(tx, { days, limit });
    const { deleted, until } = await deletePastDeliveries(tx, { days, limit });
    await recordForgotten(tx, "DELIVERIES", until);
    return failed >= limit ? failed : deleted;
  },
});
