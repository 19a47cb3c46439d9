import { deliverableTypes, newId, publishedEvent, type EventConsumer, type EventEnvelope, type Tx, webhookMessageId } from "@weft/shared";
import { receives } from "../webhook.condition.js";
import { receivingWebhooks, WEBHOOKS_CONSUMER } from "../webhook.service.js";
import { insertDeliveries } from "./delivery.store.js";

/**
 * Queues a delivery of each event for each webhook that receives it, in the transaction that moves the cursor: exactly once.
 * @param wake notifies the sender
 */
export function webhookConsumer(wake: () => void): EventConsumer {
  const handle = async (tx: Tx, events: readonly EventEnvelope[]): Promise<void> => {
    const webhooks = await receivingWebhooks(tx);
    await insertDeliveries(
      tx,
      events.flatMap((event) =>
        webhooks
          .filter((webhook) => receives(webhook, event))
          .map(({ id, payloadQuery }) => ({
            id: newId(),
            webhookId: id,
            messageId: webhookMessageId(event.id),
            eventId: event.id,
            eventType: publishedEvent(event).type,
            subjectId: event.subjectId,
            hasPayload: payloadQuery !== null,
          })),
      ),
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
