import { sql, type SQL } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { type Claim, Queue } from "../queues/queue.js";

/** Time for which a gateway has claimed a payload. It is longer than a query can take. */
export const PAYLOAD_LEASE_SECONDS = 60;

/** Payloads that wait for a gateway. Those that are built have no due time: their deliveries wait for a sender. */
export const payloadQueue = new Queue({
  name: "WebhookPayloads",
  table: "events.webhook_deliveries",
  rows: sql`q.payload_due_at is not null`,
  due: "payload_due_at",
  claims: "payload_attempts",
  ready: "PENDING",
  leaseSeconds: PAYLOAD_LEASE_SECONDS,
});

/** A delivery whose payload is to be built. */
export interface PayloadClaim extends Claim {
  readonly webhookId: string;
  readonly eventId: string;
  /** Seconds since the payload could not be built for the first time in a row. */
  readonly failingSeconds: number;
  /** Null if the webhook no longer has a query. */
  readonly query: string | null;
  readonly userId: string | null;
  /** Generation of the webhook's payload. */
  readonly generation: number;
  /** Earlier claims in a row whose gateway ended without a result. */
  readonly lapses: number;
}

/**
 * Claims due payloads of the tenant, longest waiting first. Webhooks take turns, so that one with many or slow payloads does not hold up the others. Those
 * that another gateway has claimed are skipped until its lease ends.
 */
export async function claimPayloads(tx: Tx, limit: number): Promise<PayloadClaim[]> {
  const rows = await tx.execute<PayloadClaim & Record<string, unknown>>(
    named(
      "claimWebhookPayloads",
      sql`with first as materialized (
        select d.id, d.turn, d.payload_due_at
          from events.webhooks w cross join lateral (
            select id, payload_due_at, row_number() over (order by payload_due_at, seq) as turn from (
              select id, payload_due_at, seq from events.webhook_deliveries
               where tenant_id = w.tenant_id and webhook_id = w.id and status = 'PENDING' and payload_due_at <= now()
               order by payload_due_at, seq limit 2 * ${limit}::int) oldest) d
         where w.tenant_id = app.tenant() and exists (select from identity.tenants t where t.tenant_id = app.tenant() and t.status = 'ACTIVE')
      ), due as (
        select d.id from first f join events.webhook_deliveries d on d.tenant_id = app.tenant() and d.id = f.id
         where d.status = 'PENDING' and d.payload_due_at <= now()
         order by f.turn, f.payload_due_at, f.id limit ${limit}::int for update of d skip locked
      )
      update events.webhook_deliveries d
         set payload_attempts = d.payload_attempts + 1, payload_lapses = d.payload_lapses + 1,
             payload_due_at = now() + make_interval(secs => ${PAYLOAD_LEASE_SECONDS}::int)
        from due, events.webhooks w
       where d.tenant_id = app.tenant() and d.id = due.id and w.tenant_id = app.tenant() and w.id = d.webhook_id
      returning d.id, d.payload_attempts as claims, d.webhook_id as "webhookId", d.event_id as "eventId",
                coalesce(extract(epoch from now() - d.payload_failing_since), 0)::int as "failingSeconds", w.payload_query as query,
                w.payload_user_id as "userId", w.payload_generation as generation, d.payload_lapses - 1 as lapses`,
    ),
  );
  return [...rows];
}

type Claimed = Claim & Pick<PayloadClaim, "webhookId">;

/**
 * Stores the encrypted body, so that the delivery is sent. If the webhook's query, its user or the destination has changed since, the payload is built
 * again instead: what one user can see must not reach the destination that another one chose.
 * @param stored `error`: what is wrong with the payload, for the webhook
 */
export async function storePayload(
  tx: Tx,
  claim: Claimed,
  stored: { body: string; userId: string; generation: number; error: string | null },
): Promise<void> {
  // The lock lasts until commit, so that nothing can change in between.
  const rows = await tx.execute(
    named(
      "lockWebhookOfPayload",
      sql`select id from events.webhooks
       where tenant_id = app.tenant() and id = ${claim.webhookId}::uuid and payload_generation = ${stored.generation}::int and payload_user_id = ${stored.userId}::uuid for share`,
    ),
  );
  if (rows.length === 0) return postponePayload(tx, claim, { seconds: 0 });
  return finish(
    tx,
    claim,
    sql`body = ${stored.body}, payload_user_id = ${stored.userId}::uuid, payload_generation = ${stored.generation}::int, payload_due_at = null, next_attempt_at = now()`,
    stored.error,
  );
}

/** Lets the delivery be sent with the event's own payload, because the webhook no longer has a query. */
export const dropPayload = (tx: Tx, claim: Claimed): Promise<void> =>
  finish(tx, claim, sql`has_payload = false, payload_due_at = null, next_attempt_at = now()`, null);

/** Builds the payload again later. @param isFailing whether it could not be built */
export async function postponePayload(
  tx: Tx,
  claim: Claim,
  { seconds, isFailing = false }: { readonly seconds: number; readonly isFailing?: boolean },
): Promise<void> {
  const since = isFailing ? sql`coalesce(q.payload_failing_since, now())` : sql`q.payload_failing_since`;
  await payloadQueue.postpone(tx, claim, { seconds, set: sql`payload_lapses = 0, payload_failing_since = ${since}` });
}

/** Ends the delivery without sending it. */
export const failPayload = (tx: Tx, claim: Claimed, { error }: { readonly error: string }): Promise<void> =>
  finish(tx, claim, sql`status = 'FAILED', payload_due_at = null, last_error = ${error}, finished_at = now()`, error);

/**
 * Does nothing if the lease ended and another gateway has claimed the payload, or the delivery has ended.
 * @param error what is wrong with the payload, for the webhook
 */
async function finish(tx: Tx, claim: Claimed, changes: SQL, error: string | null): Promise<void> {
  if ((await payloadQueue.finish(tx, [claim], changes)) === 0) return;
  await tx.execute(
    named(
      "setWebhookPayloadError",
      sql`update events.webhook_states set payload_error = ${error}::text
       where tenant_id = app.tenant() and webhook_id = ${claim.webhookId}::uuid and payload_error is distinct from ${error}::text`,
    ),
  );
}
