import type { MappedMessage } from "@weft/engine";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import type { Databases, Tx } from "@weft/platform/db";
import { appendEvents, type EventConsumer, type WriteMeta } from "@weft/platform/events";
import { inboundBodyOf, type InboundContent, inboundFields } from "@weft/platform/inbound";
import type { PersonKeyring } from "@weft/platform/privacy";
import type { TenantSecrets } from "@weft/platform/secrets";
import type { ObserveAttempt } from "../../queues/attempt.js";
import { mappedEvent, publisherOf, typeOfEvents } from "../mapping/mapped-event.js";
import { findInboundWork, writeInboundResult, type InboundWork } from "./inbound-message.store.js";
import { INBOUND_CONSUMER } from "./inbound-webhook.store.js";

/** Dependencies of the consumer of messages. */
export interface InboundServices {
  readonly databases: Pick<Databases, "auth">;
  readonly keyring: PersonKeyring;
  readonly secrets: TenantSecrets;
  readonly onAttempt?: ObserveAttempt;
}

const MAX_ERROR_CHARS = 2_000;

/**
 * Turns messages of inbound webhooks into custom events. The event, the message's status and the cursor are in one transaction: each message becomes at
 * most one event, whatever crashes. A message that cannot become one fails, and does not delay the others.
 */
export const inboundConsumer = (services: InboundServices): EventConsumer => ({
  name: INBOUND_CONSUMER,
  types: ["inbound.received"],
  optInTypes: ["inboundWebhook.created"],
  handle: async (tx, event) => {
    const work = await findInboundWork(tx, String(event.payload["messageId"]));
    if (!work) return;
    const { tenantId, id } = work.message;
    const startedAt = performance.now();
    const result = await publish(tx, services, { work, event });
    const [error = null] =
      result.kind === "FAILED"
        ? await services.secrets.seal(tx, tenantId, [{ field: inboundFields.error(id), value: result.error.slice(0, MAX_ERROR_CHARS) }])
        : [];
    await writeInboundResult(tx, id, { status: result.kind, error, eventId: result.kind === "PUBLISHED" ? result.eventId : null });
    services.onAttempt?.({
      channel: "INBOUND",
      result: result.kind === "FAILED" ? "failed" : "succeeded",
      seconds: (performance.now() - startedAt) / 1_000,
    });
  },
});

type Result =
  | { readonly kind: "PUBLISHED"; readonly eventId: string }
  | { readonly kind: "IGNORED" }
  | { readonly kind: "FAILED"; readonly error: string };

interface Handled {
  readonly work: InboundWork;
  readonly event: EventEnvelope;
}

async function publish(tx: Tx, services: InboundServices, { work, event }: Handled): Promise<Result> {
  const { webhook, message } = work;
  const publisher = await publisherOf(services.databases, webhook, "webhook");
  if (typeof publisher === "string") return { kind: "FAILED", error: publisher };
  const shown = await readMessage(tx, services, message);
  const type = await typeOfEvents(tx, webhook);
  const mapped = await mappedEvent(tx, { row: webhook, type, publisher }, shown);
  if (mapped.kind !== "EVENT") return mapped;
  const [eventId = ""] = await appendEvents(tx, metaOf(services, work, event), [mapped.event]);
  return { kind: "PUBLISHED", eventId };
}

async function readMessage(tx: Tx, { secrets }: InboundServices, message: InboundWork["message"]): Promise<MappedMessage> {
  const { id, tenantId } = message;
  const [text = ""] = await secrets.open(tx, tenantId, [{ field: inboundFields.content(id), value: message.content }]);
  const content = JSON.parse(text) as InboundContent;
  return { body: inboundBodyOf(content), headers: content.headers, receivedAt: new Date(message.receivedAt).toISOString() };
}

/** The message's ID takes the place of the request ID. */
const metaOf = ({ keyring }: InboundServices, { webhook, message }: InboundWork, event: EventEnvelope): WriteMeta => ({
  tenantId: webhook.tenantId,
  actorId: webhook.userId,
  onBehalfOf: null,
  requestId: encodeId("inboundMessage", message.id),
  sessionId: null,
  address: null,
  traceId: event.traceId,
  causeId: event.id,
  keyring,
});
