import { deliverableTypes, type EventEnvelope } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import type { EventConsumer } from "@weft/platform/events";
import { receives } from "../webhook.condition.js";
import { receivingWebhooks, WEBHOOKS_CONSUMER } from "../webhook.service.js";
import { insertDeliveries } from "./delivery.store.js";
import { newDelivery } from "./new-delivery.js";

/**
 * Queues a delivery of each event for each webhook that receives it, in the transaction that moves the cursor: exactly once.
 * @param wake notifies the sender
 */
export function webhookConsumer(wake: () => void): EventConsumer {
  const handle = async (tx: Tx, events: readonly EventEnvelope[]): Promise<void> => {
    const webhooks = await receivingWebhooks(tx);
    await insertDeliveries(
      tx,
      events.flatMap((event) => webhooks.filter((webhook) => receives(webhook, event)).map((webhook) => newDelivery(webhook, event))),
    );
  };
  return {
    name: WEBHOOKS_CONSUMER,
    types: deliverableTypes,
    optInTypes: ["webhook.created", "webhook.updated"],
    handle: (tx, event) => handle(tx, [event]),
    handleBatch: handle,
    onCommitted: wake,
  };
}
