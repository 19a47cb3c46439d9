/** Claimed deliveries that cannot be sent, because something cannot be decrypted. They are given back as if they had not been tried. */
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** Time after which secrets are decrypted again. A secret that is replaced is used at once. */
const RETRY_SECONDS = 300;

const ERROR =
  "The secret or the headers of the webhook cannot be decrypted. Replace them with rotateWebhookSecret and updateWebhook, or wait until the operators of Weft restore the key.";

/** Gives deliveries back, and claims no more of their webhooks for a few minutes. */
export async function blockUnreadable(
  tx: Tx,
  { deliveryIds, webhookIds }: { readonly deliveryIds: readonly string[]; readonly webhookIds: readonly string[] },
): Promise<void> {
  if (webhookIds.length === 0) return;
  await tx.execute(
    named(
      "blockUnreadableWebhooks",
      sql`with released as (
        update events.webhook_deliveries set attempts = attempts - 1, lease_until = null, claim_token = null, last_error = ${ERROR}
         where tenant_id = app.tenant() and id = any(${sql.param([...deliveryIds])}::uuid[]) and status = 'PENDING'
      )
      update events.webhook_states
         set unreadable_since = coalesce(unreadable_since, now()), blocked_until = now() + make_interval(secs => ${RETRY_SECONDS}::int)
       where tenant_id = app.tenant() and webhook_id = any(${sql.param([...webhookIds])}::uuid[])`,
    ),
  );
}

/** Gives deliveries back whose stored body cannot be decrypted. Their payloads are built again. */
export async function rebuildUnreadableBodies(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  if (deliveryIds.length === 0) return;
  await tx.execute(
    named(
      "rebuildUnreadableWebhookBodies",
      sql`update events.webhook_deliveries
         set attempts = attempts - 1, lease_until = null, claim_token = null, body = null, payload_user_id = null, payload_generation = null,
             payload_due_at = now(), payload_attempts = payload_attempts + 1, payload_failing_since = null,
             payload_lapses = 0, takeovers = 0, next_attempt_at = null
       where tenant_id = app.tenant() and id = any(${sql.param([...deliveryIds])}::uuid[]) and status = 'PENDING' and has_payload`,
    ),
  );
}
