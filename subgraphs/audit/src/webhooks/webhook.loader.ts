import type { Context } from "@weft/api/context";
import { selectWebhooks, selectWebhookStates, type WebhookStateRow } from "./webhook.store.js";
import { toWebhook, type Webhook } from "./webhook.type.js";

/** Loads a webhook by UUID. Null if it was deleted. */
export const loadWebhook = (ctx: Context, id: string): Promise<Webhook | null> =>
  ctx
    .loader<string, Webhook>("webhook", async (tx, ids) => new Map((await selectWebhooks(tx, ids)).map((row) => [row.id, toWebhook(row)])))
    .load(id);

/** Loads the health of a webhook's endpoint. */
export const loadWebhookState = (ctx: Context, id: string): Promise<WebhookStateRow | null> =>
  ctx
    .loader<string, WebhookStateRow>(
      "webhookState",
      async (tx, ids) => new Map((await selectWebhookStates(tx, ids)).map((row) => [row.webhookId, row])),
    )
    .load(id);
