import type { Context } from "@weft/api/context";
import { selectWebhookQueues } from "./queue.store.js";
import { toWebhookQueue, WebhookQueue } from "./queue.type.js";

const empty = Object.assign(new WebhookQueue(), { waiting: 0, oldestWaitingSince: null, succeededInLastHour: 0, failedInLastHour: 0 });

/** Loads the queue of a webhook by UUID. */
export async function loadWebhookQueue(ctx: Context, id: string): Promise<WebhookQueue> {
  const queue = await ctx
    .loader<string, WebhookQueue>("webhookQueue", async (tx, ids) => {
      const rows = await selectWebhookQueues(tx, ids);
      return new Map([...rows].map(([webhookId, row]) => [webhookId, toWebhookQueue(row)]));
    })
    .load(id);
  return queue ?? empty;
}
