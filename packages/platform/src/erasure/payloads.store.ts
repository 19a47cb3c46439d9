import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { TenantSecrets } from "../secrets/tenant-secrets.js";
import { webhookBodyField } from "../webhooks/event-body.js";
import type { Batch, Step } from "./erase-rows.store.js";
import { replaceInJson } from "./identifying-values.js";

interface StoredPayload extends Record<string, unknown> {
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly body: string;
  /** Rows that were looked at, of which the first ones are returned. */
  readonly looked: number;
}

interface Search extends Batch {
  readonly tenantId: string;
  readonly values: readonly string[];
}

/** Bytes of payloads after which a transaction reads no further one. */
const MAX_BYTES = 8_000_000;

/**
 * Deletes payloads of webhooks that contain one of the values, among the next `limit` of them, or fewer if they are large. They are encrypted, so the database cannot search them.
 * Deliveries that wait get a new payload, even if they are being sent at present: their webhook can then receive the event twice.
 */
export async function deleteSomePayloads(tx: Tx, secrets: TenantSecrets, { tenantId, values, after, limit }: Search): Promise<Step> {
  if (after === null) await restartPayloads(tx);
  const rows = await tx.execute<StoredPayload>(
    named(
      "findStoredPayloads",
      sql`select id, "webhookId", "eventId", body, looked from (
            select id, webhook_id as "webhookId", event_id as "eventId", body, (count(*) over ())::int as looked,
                   coalesce(sum(octet_length(body)) over (order by id rows between unbounded preceding and 1 preceding), 0) as before
              from (select id, webhook_id, event_id, body from events.webhook_deliveries
                     where tenant_id = app.tenant() and has_payload and body is not null and event_id is not null and (${after}::uuid is null or id > ${after}::uuid)
                     order by id limit ${limit}::int) next) sized
           where before < ${MAX_BYTES}::int order by id`,
    ),
  );
  const sealed = rows.map(({ webhookId, eventId, body }) => ({ field: webhookBodyField(webhookId, eventId), value: body }));
  const bodies = await secrets.openReadable(tx, tenantId, sealed);
  const found = rows.filter((_row, at) => isAbout(bodies[at] ?? null, values)).map(({ id }) => id);
  if (found.length > 0) await deletePayloads(tx, found);
  const looked = rows[0]?.looked ?? 0;
  return { changed: found.length, isDone: rows.length === looked && looked < limit, after: rows.at(-1)?.id ?? after };
}

/**
 * Has payloads built again that gateways are building, because their queries can have read the person's name before it was replaced. What these gateways
 * store later is ignored.
 */
async function restartPayloads(tx: Tx): Promise<void> {
  await tx.execute(
    named(
      "restartPayloads",
      sql`update events.webhook_deliveries set payload_attempts = payload_attempts + 1, payload_lapses = 0, payload_due_at = now()
       where tenant_id = app.tenant() and status = 'PENDING' and payload_lapses > 0 and payload_due_at > now()`,
    ),
  );
}

/** Returns whether requests to webhooks are under way. */
export async function isSendingDeliveries(tx: Tx): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "isSendingDeliveries",
      sql`select from events.webhook_deliveries where tenant_id = app.tenant() and status = 'PENDING' and lease_until > now() limit 1`,
    ),
  );
  return rows.length > 0;
}

/** Time for requests to webhooks that were sent before their payloads were deleted or their events changed: an endpoint has 15 seconds, and its answer is then stored. */
const ANSWER_SECONDS = 60;

/** Waits until the answers to requests that can have contained the person are stored. @param until what the transaction before has returned as `after` */
export async function waitForAnswers(tx: Tx, until: string | null): Promise<Step> {
  const [row] = await tx.execute<{ until: string; seconds: number }>(
    named(
      "waitForWebhookAnswers",
      sql`select u.until::text as until, ceil(extract(epoch from u.until - now()))::int as seconds
            from (select coalesce(${until}::timestamptz, now() + make_interval(secs => ${ANSWER_SECONDS}::int)) as until) u`,
    ),
  );
  const seconds = row?.seconds ?? 0;
  return { changed: 0, isDone: seconds <= 0, after: row?.until ?? null, ...(seconds > 0 && { waitSeconds: seconds }) };
}

/** A body that cannot be decrypted is of no use to anybody. */
const isAbout = (body: string | null, values: readonly string[]): boolean => body !== null && replaceInJson(body, values) !== body;

async function deletePayloads(tx: Tx, ids: readonly string[]): Promise<void> {
  const waits = sql`status = 'PENDING'`;
  await tx.execute(
    named(
      "deletePayloadsOfPerson",
      sql`update events.webhook_deliveries
         set body = null, payload_user_id = null, payload_generation = null, lease_until = null, claim_token = null, next_attempt_at = null,
             payload_due_at = case when ${waits} then now() end, payload_failing_since = null, payload_lapses = 0, takeovers = 0
       where tenant_id = app.tenant() and id = any(${sql.param([...ids])}::uuid[])`,
    ),
  );
}
