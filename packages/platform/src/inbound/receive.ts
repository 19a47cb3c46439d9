import type { Databases } from "../db/database.js";
import { asTenant } from "../db/as-tenant.js";
import { appendEvents } from "../events/append.js";
import { wakeRelay } from "../events/relay/wake-relay.js";
import { newId } from "@weft/shared/ids";
import type { Logger } from "../logging/logger.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import type { PubSub } from "../pubsub/pubsub.js";
import type { TenantSecrets } from "../secrets/tenant-secrets.js";
import { inboundContentOf, type InboundContent } from "./content.js";
import { findInboundMessageId, findReceivingWebhook, insertInboundMessage, type ReceivingWebhook } from "./receive.store.js";
import { jsonObjectOf, type InboundRequest } from "./request.js";
import { verifyInbound, type Refusal } from "./verify.js";

/** Maximum number of bytes of a body. */
export const MAX_INBOUND_BYTES = 256 * 1024;

export interface InboundServices {
  readonly databases: Pick<Databases, "app">;
  readonly pubsub: PubSub;
  readonly keyring: PersonKeyring;
  readonly secrets: TenantSecrets;
  readonly log: Pick<Logger, "debug">;
}

/** A request to an inbound webhook. IDs are UUIDs. */
export interface Receiving {
  readonly tenantId: string;
  readonly webhookId: string;
  readonly format: InboundContent["format"];
  readonly request: InboundRequest;
  readonly requestId: string;
  readonly address: string;
  readonly traceId: string | null;
  /** Called for a request that is genuine, before anything is written. Throws to refuse it. */
  admit(): Promise<void>;
}

export type Received =
  | { readonly kind: "accepted"; readonly id: string; readonly isDuplicate: boolean }
  /** The sender wants to know whether the endpoint is theirs. */
  | { readonly kind: "challenge"; readonly challenge: string }
  /** There is no such endpoint, it is paused, or the tenant is not active. */
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly reason: Refusal }
  | { readonly kind: "malformed" };

/** Fields of secrets and contents, to which their ciphertexts are bound. IDs are UUIDs. */
export const inboundFields = {
  secret: (webhookId: string): string => `events.inbound_webhooks.secret/${webhookId}`,
  previousSecret: (webhookId: string): string => `events.inbound_webhooks.previous_secret/${webhookId}`,
  content: (messageId: string): string => `events.inbound_messages.content/${messageId}`,
  error: (messageId: string): string => `events.inbound_messages.error/${messageId}`,
} as const;

/**
 * Receives a message: verifies its sender, then writes the message and the event that lets it be handled, in one transaction. A message that is
 * received again has no further effect, and the answer is the first one's ID.
 */
export async function receiveInbound(services: InboundServices, receiving: Receiving): Promise<Received> {
  const { databases, secrets, pubsub, log } = services;
  const { tenantId, webhookId, request, format } = receiving;
  const found = await asTenant(databases.app, { tenantId }, "read", async (tx) => {
    const webhook = await findReceivingWebhook(tx, webhookId);
    return webhook && { webhook, opened: await secrets.open(tx, tenantId, sealedOf(webhook)) };
  });
  if (!found) return { kind: "unknown" };
  const { webhook, opened } = found;
  const { scheme, settings } = webhook;
  const verified = verifyInbound({ scheme, settings, secrets: opened }, request, Math.floor(Date.now() / 1_000));
  if (!verified.isVerified) return { kind: "refused", reason: verified.reason };
  await receiving.admit();
  const challenge = scheme === "SLACK" ? challengeOf(request.body) : null;
  if (challenge !== null) return { kind: "challenge", challenge };
  const content = inboundContentOf(format, request, webhook.headerNames);
  if (content === null) return { kind: "malformed" };
  const { replayKey } = verified;
  const id = newId();
  const messageId = verified.messageId ?? (replayKey === null ? `random:${id}` : `sha256:${replayKey}`);
  const received = await asTenant(databases.app, { tenantId }, "write", async (tx): Promise<Received> => {
    const [sealed = ""] = await secrets.seal(tx, tenantId, [{ field: inboundFields.content(id), value: JSON.stringify(content) }]);
    const message = { id, webhookId, messageId, replayKey, content: sealed, size: request.body.byteLength };
    if (!(await insertInboundMessage(tx, message))) {
      const known = await findInboundMessageId(tx, message);
      return known === null ? { kind: "unknown" } : { kind: "accepted", id: known, isDuplicate: true };
    }
    const event = { type: "inbound.received", subjectId: webhookId, subjectVersion: webhook.version, payload: { messageId: id } } as const;
    await appendEvents(tx, metaOf(services, receiving, webhook), [event]);
    return { kind: "accepted", id, isDuplicate: false };
  });
  if (received.kind === "accepted" && !received.isDuplicate) wakeRelay(pubsub, log);
  return received;
}

function sealedOf({ id, secret, previousSecret }: ReceivingWebhook): { field: string; value: string }[] {
  return [
    { field: inboundFields.secret(id), value: secret },
    ...(previousSecret === null ? [] : [{ field: inboundFields.previousSecret(id), value: previousSecret }]),
  ];
}

/** Returns the challenge with which Slack checks a new endpoint, or null. */
function challengeOf(body: Uint8Array): string | null {
  const { type, challenge } = jsonObjectOf(body) ?? {};
  return type === "url_verification" && typeof challenge === "string" && challenge.length <= 1_000 ? challenge : null;
}

/** The event is written in the name of the user who saved the webhook. The request's address is the sender's. */
const metaOf = ({ keyring }: InboundServices, { tenantId, requestId, address, traceId }: Receiving, { userId }: ReceivingWebhook) => ({
  tenantId,
  actorId: userId,
  onBehalfOf: null,
  sessionId: null,
  requestId,
  address,
  traceId,
  keyring,
});
