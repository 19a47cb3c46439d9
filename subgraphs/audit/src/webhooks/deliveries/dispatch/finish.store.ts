import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** What came of an attempt. */
export interface AttemptResult {
  /** Of the attempt. */
  readonly id: string;
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly claimToken: string;
  /** User with whose rights the payload of the request was selected. */
  readonly payloadUserId: string | null;
  readonly number: number;
  readonly startedAt: string;
  readonly latencyMs: number;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly status: number | null;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  readonly responseBody: string | null;
  readonly isTruncated: boolean;
  /** Null if it was delivered. */
  readonly error: string | null;
  /** Seconds until the next attempt. Null if there is none. */
  readonly retryInSeconds: number | null;
  /** Seconds for which the endpoint wants no requests. */
  readonly blockSeconds: number | null;
}

/** Days without an attempt after which the failures of an endpoint count anew. Retries of a delivery are at most a day apart. */
const QUIET_DAYS = 2;

/** From this duration on, an attempt is slow, whether it succeeds or fails. */
export const SLOW_MS = 3_000;
/**
 * Slow attempts make an endpoint slow for this many times their duration, added up. So over time, one that is slow now and then takes hardly more slots
 * than one that is always slow. Quick attempts change nothing, so that they write nothing.
 */
const SLOW_FACTOR = 4;
const MAX_SLOW_SECONDS = 300;

/** How long an endpoint has only failed. */
export interface Failing {
  readonly days: number;
  /** Failed attempts since the last success. */
  readonly failures: number;
}

/**
 * Records an attempt, the state of its delivery, and the health of the endpoint, with one statement. A sender whose claim was taken over records the
 * attempt only. A quick success of a healthy endpoint writes nothing to its state, which claims lock.
 * @returns how long the endpoint has only failed. Null after a success, or if the claim was taken over
 */
export async function finishAttempt(tx: Tx, result: AttemptResult): Promise<Failing | null> {
  const { id, deliveryId, webhookId, claimToken, number, startedAt, latencyMs, requestHeaders, status, responseHeaders } = result;
  const { responseBody, isTruncated, error, retryInSeconds, blockSeconds, payloadUserId } = result;
  const isDelivered = error === null;
  const isSlow = latencyMs >= SLOW_MS;
  const end = isDelivered ? "DELIVERED" : retryInSeconds === null ? "FAILED" : "PENDING";
  const rows = await tx.execute<{ days: number | null; failures: number }>(
    named(
      "finishWebhookAttempt",
      sql`with attempt as (
        insert into events.webhook_attempts
          (tenant_id, id, delivery_id, number, started_at, latency_ms, request_headers, status, response_headers, response_body, is_truncated, error, payload_user_id)
        select d.tenant_id, ${id}::uuid, d.id, ${number}::int, ${startedAt}::timestamptz, ${latencyMs}::int, ${JSON.stringify(requestHeaders)}::text::jsonb,
               ${status}::int, ${responseHeaders && JSON.stringify(responseHeaders)}::text::jsonb, ${responseBody}::text, ${isTruncated}::boolean, ${error}::text, ${payloadUserId}::uuid
          from events.webhook_deliveries d where d.tenant_id = app.tenant() and d.id = ${deliveryId}::uuid
      ), webhook as (
        select ${end} = 'PENDING' and status <> 'DISABLED' as is_tried_again from events.webhooks
         where tenant_id = app.tenant() and id = ${webhookId}::uuid
      ), delivery as (
        update events.webhook_deliveries set status = case when ${end} = 'PENDING' and not is_tried_again then 'CANCELLED' else ${end} end, lease_until = null, claim_token = null,
               takeovers = 0, last_status = ${status}::int, last_error = ${error}::text, last_latency_ms = ${latencyMs}::int,
               next_attempt_at = case when is_tried_again then now() + make_interval(secs => ${retryInSeconds ?? 0}::double precision) end,
               finished_at = case when not is_tried_again then now() end
          from webhook
         where tenant_id = app.tenant() and id = ${deliveryId}::uuid and claim_token = ${claimToken}::uuid and status = 'PENDING'
        returning webhook_id
      ), state as (
        update events.webhook_states s set
               consecutive_failures = case when ${isDelivered}::boolean then 0 else s.consecutive_failures + 1 end,
               failing_since = case when ${isDelivered}::boolean then null
                                    when coalesce(s.last_failed_at, s.failing_since) > now() - make_interval(days => ${QUIET_DAYS}::int)
                                    then coalesce(s.failing_since, now()) else now() end,
               last_failed_at = case when not ${isDelivered}::boolean then now() end,
               slow_until = case when ${isSlow}::boolean then least(greatest(s.slow_until, now()) + make_interval(secs => ${(SLOW_FACTOR * latencyMs) / 1_000}::double precision),
                                                                    now() + make_interval(secs => ${MAX_SLOW_SECONDS}::int))
                                 else s.slow_until end,
               blocked_until = case when ${isDelivered}::boolean then null
                                    else greatest(s.blocked_until, now() + make_interval(secs => ${blockSeconds}::double precision)) end
          from delivery
         where s.tenant_id = app.tenant() and s.webhook_id = ${webhookId}::uuid and (not ${isDelivered}::boolean or ${isSlow}::boolean or s.consecutive_failures > 0)
        returning s.failing_since, s.consecutive_failures
      )
      select (extract(epoch from now() - failing_since) / 86400)::double precision as days, consecutive_failures as failures from state`,
    ),
  );
  const [row] = rows;
  return row === undefined || row.days === null ? null : { days: row.days, failures: row.failures };
}

/** Gives a claimed delivery back, as if it had not been tried. */
export async function releaseClaim(tx: Tx, { deliveryId, claimToken }: Pick<AttemptResult, "deliveryId" | "claimToken">): Promise<void> {
  await tx.execute(
    named(
      "releaseWebhookClaim",
      sql`update events.webhook_deliveries set attempts = attempts - 1, lease_until = null, claim_token = null
       where tenant_id = app.tenant() and id = ${deliveryId}::uuid and claim_token = ${claimToken}::uuid and status = 'PENDING'`,
    ),
  );
}
