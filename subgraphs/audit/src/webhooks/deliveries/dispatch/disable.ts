/** Disables a webhook whose endpoint is gone, or has only failed for days. */
import { SYSTEM_ID } from "@weft/engine";
import { appendEvents, newId, type PersonKeyring, type Tx, writeAudit, type WriteMeta } from "@weft/shared";
import { markDisabled } from "../../webhook.service.js";
import { cancelDeliveries } from "../delivery.store.js";

/** Days of failures only, after which a webhook is disabled. */
export const FAILING_DAYS = 5;

/** Disables a webhook, cancels its waiting deliveries, and tells the administrators by an event. Does nothing if it is not active. */
export async function disableWebhook(
  tx: Tx,
  { tenantId, webhookId, reason, keyring }: { tenantId: string; webhookId: string; reason: "GONE" | "FAILING"; keyring: PersonKeyring },
): Promise<void> {
  const disabled = await markDisabled(tx, webhookId, reason);
  if (!disabled) return;
  const { before, after } = disabled;
  await cancelDeliveries(tx, webhookId);
  const meta: WriteMeta = {
    tenantId,
    actorId: SYSTEM_ID,
    onBehalfOf: null,
    requestId: newId(),
    sessionId: null,
    address: null,
    traceId: null,
    keyring,
  };
  const subject = { subjectId: webhookId, subjectVersion: after.version };
  await appendEvents(tx, meta, [{ type: "webhook.disabled", ...subject, payload: { name: after.name, reason } }]);
  await writeAudit(tx, meta, [{ action: "webhook.disable", entityType: "webhook", entityId: webhookId, before, after }]);
}
