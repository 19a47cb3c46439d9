/** Messages of notifications that wait for their senders. Their times are true times, not those of a sandbox's clock. */
import { named, type Tx } from "@weft/platform/db";
import { type Claim, Queue } from "@weft/platform/queues";
import { sql } from "drizzle-orm";
import { channelResumedAt, isChannelOpen } from "../../queues/resumption.js";

/** Longer than the maximum duration of an attempt. */
const LEASE_SECONDS = 180;

type Channel = "EMAIL" | "CHAT" | "WEB_PUSH" | "SMS";

/**
 * Returns the queue of the messages in some channels. A message is all deliveries with its ID, which is that of its first one. One whose sender has not
 * reported is not sent again: whether it was sent is unknown.
 * @param name for the names of statements
 * @param channels those of one sender. They are in the text, so that each sender has an index of its own
 */
export const messagesIn = (name: string, ...channels: readonly Channel[]): Queue =>
  new Queue({
    name,
    table: "audit.notification_deliveries",
    key: "message_id",
    rows: sql.raw(`q.channel in (${channels.map((channel) => `'${channel}'`).join(", ")})`),
    tenants: isChannelOpen("NOTIFICATION", sql`t.tenant_id`),
    due: "next_attempt_at",
    claims: "claims",
    ready: "READY",
    claimed: "SENDING",
    leaseSeconds: LEASE_SECONDS,
  });

/** The queue of claims that are finished or postponed, which are found by their keys. */
const messages = messagesIn("Messages", "EMAIL", "CHAT", "WEB_PUSH", "SMS");

/** A message that a sender has claimed. */
export interface ClaimedMessage extends Claim {
  /** Null if it is for a team. */
  readonly userId: string | null;
  /** Null if it is for a user. */
  readonly teamId: string | null;
  /** Null for emails. */
  readonly destinationId: string | null;
  /** Number of attempts since it was made or resent, including the current one. */
  readonly attempts: number;
  /** Whether it was to be sent more than a day ago: nobody expects it any more, or it comes from a restored backup. */
  readonly isOld: boolean;
}

/** Claims the message that has waited longest. */
export async function claimMessage(tx: Tx, queue: Queue): Promise<ClaimedMessage | null> {
  const [row] = await queue.claim<ClaimedMessage>(tx, {
    set: sql`attempts = q.attempts + 1, updated_at = now()`,
    select: sql`q.user_id as "userId", q.team_id as "teamId", q.destination_id as "destinationId", q.attempts,
        coalesce(greatest(q.ready_at, ${channelResumedAt("NOTIFICATION")}) < now() - interval '1 day', true) as "isOld" from claimed q`,
  });
  return row ?? null;
}

/** Gives the claim of a message to one of its remaining deliveries, if the one that had it was ended. */
export async function keepClaim(tx: Tx, { id }: ClaimedMessage): Promise<void> {
  await tx.execute(
    named(
      "keepClaim",
      sql`with rest as (
        select id, bool_or(next_attempt_at is not null) over () as is_claimed from audit.notification_deliveries
          where tenant_id = app.tenant() and message_id = ${id}::uuid and status = 'SENDING' order by id limit 1)
      update audit.notification_deliveries d set next_attempt_at = now() + make_interval(secs => ${LEASE_SECONDS}::int)
        from rest where d.tenant_id = app.tenant() and d.id = rest.id and not rest.is_claimed`,
    ),
  );
}

/** Ends messages whose sender has not reported. Returns the number of their deliveries. */
export const endLostMessages = (tx: Tx, queue: Queue): Promise<number> =>
  queue.endLost(
    tx,
    sql`status = 'UNKNOWN', next_attempt_at = null, updated_at = now(), last_error = 'The process that sent it ended before the answer of the receiver.'`,
  );

/** Records the result of a claimed message. */
export const finishMessage = (
  tx: Tx,
  message: ClaimedMessage,
  {
    status,
    error,
    addressHash = null,
  }: { readonly status: "SENT" | "FAILED" | "UNKNOWN"; readonly error: string | null; readonly addressHash?: string | null },
): Promise<number> =>
  messages.finish(
    tx,
    [message],
    sql`status = ${status}, next_attempt_at = null, last_error = ${error}, updated_at = now(),
          reason = null, sent_at = case when ${status} = 'SENT' then now() end, address_hash = ${addressHash}`,
  );

/** Gives a claimed message back, to be tried later. */
export const postponeMessage = (
  tx: Tx,
  message: ClaimedMessage,
  { seconds, error }: { readonly seconds: number; readonly error: string },
): Promise<number> => messages.postpone(tx, message, { seconds, set: sql`last_error = ${error}, updated_at = now()` });

/** Makes a message ready to be sent again, with all its deliveries that were not sent. */
export async function readyAgain(tx: Tx, messageId: string): Promise<void> {
  await tx.execute(
    named(
      "readyAgain",
      sql`with unsent as (
        select id, row_number() over (order by id) as number from audit.notification_deliveries
          where tenant_id = app.tenant() and message_id = ${messageId}::uuid and status in ('FAILED', 'UNKNOWN', 'SUPPRESSED', 'BOUNCED'))
      update audit.notification_deliveries d set status = 'READY', attempts = 0, ready_at = now(), reason = null, last_error = null, updated_at = now(),
          next_attempt_at = case when unsent.number = 1 then now() end
        from unsent where d.tenant_id = app.tenant() and d.id = unsent.id`,
    ),
  );
}
