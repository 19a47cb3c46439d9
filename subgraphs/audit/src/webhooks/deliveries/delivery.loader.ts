import { eventsById } from "@weft/platform/events";
import { webhookBody } from "@weft/platform/webhooks";
import type { Context } from "@weft/api/context";
import { selectAttempts, selectStoredBodies } from "./delivery.store.js";
import { toAttempt, type WebhookAttempt } from "./delivery.type.js";
import { openBodies } from "./stored-bodies.js";

/** Loads the attempts of a delivery, in their order. What the endpoint answered to a payload of another user is hidden. */
export async function loadAttempts(ctx: Context, deliveryId: string): Promise<WebhookAttempt[]> {
  const found = await ctx
    .loader<string, WebhookAttempt[]>("webhookAttempts", async (tx, ids) => {
      const rows = await selectAttempts(tx, ids);
      return new Map(
        [...Map.groupBy(rows, (row) => row.deliveryId)].map(([id, attempts]) => [
          id,
          attempts.map((attempt) => toAttempt(attempt, ctx.viewer)),
        ]),
      );
    })
    .load(deliveryId);
  return found ?? [];
}

/** Loads the body of an event's deliveries. Null if the event is no longer stored. */
export const loadBody = (ctx: Context, eventId: string): Promise<string | null> =>
  ctx
    .loader<string, string>("webhookBody", async (tx, ids) => {
      const events = await eventsById(tx, ids);
      return new Map(events.map((event) => [event.id, webhookBody(event)]));
    })
    .load(eventId);

/** Loads the stored body of a delivery. Null if there is none, or if it contains a payload that was selected with the rights of another user. */
export const loadStoredBody = (ctx: Context, deliveryId: string): Promise<string | null> =>
  ctx
    .loader<string, string>("webhookStoredBody", async (tx, ids) => {
      const { tenantId, userId } = ctx.viewer;
      return openBodies(tx, ctx.services.secrets, tenantId, await selectStoredBodies(tx, ids, userId));
    })
    .load(deliveryId);
