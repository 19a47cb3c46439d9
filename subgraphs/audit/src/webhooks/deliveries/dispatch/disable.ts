/** Disables a webhook whose endpoint is gone, or has only failed for days. */
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, metaOfWork } from "@weft/platform/events";
import type { PersonKeyring } from "@weft/platform/privacy";
import { markDisabled } from "../../webhook.service.js";
import { cancelDeliveries } from "../delivery.store.js";
import type { Failing } from "./finish.store.js";
import { RETRY_SECONDS } from "./retry.js";

/** Days of failures only, after which a webhook is disabled. */
const FAILING_DAYS = 5;
/** Failed attempts without a success that it takes as well: as many as one delivery has. */
const MIN_FAILURES = RETRY_SECONDS.length + 1;

/** Returns whether an endpoint has failed for so long that its webhook is disabled. The failures are never more than two days apart. */
export const hasFailedForDays = ({ days, failures }: Failing): boolean => days >= FAILING_DAYS && failures >= MIN_FAILURES;

/** Disables a webhook, cancels its waiting deliveries, and tells the administrators by an event. Does nothing if it is not active. */
export async function disableWebhook(
  tx: Tx,
  { tenantId, webhookId, reason, keyring }: { tenantId: string; webhookId: string; reason: "GONE" | "FAILING"; keyring: PersonKeyring },
): Promise<void> {
  const disabled = await markDisabled(tx, webhookId, reason);
  if (!disabled) return;
  const { before, after } = disabled;
  await cancelDeliveries(tx, webhookId);
  const meta = metaOfWork(newId(), tenantId, keyring);
  const subject = { subjectId: webhookId, subjectVersion: after.version };
  await appendEvents(tx, meta, [{ type: "webhook.disabled", ...subject, payload: { name: after.name, reason } }]);
  await writeAudit(tx, meta, [{ action: "webhook.disable", entityType: "webhook", entityId: webhookId, before, after }]);
}
