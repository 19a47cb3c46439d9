import { named, planWithIndexes, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { channelResumedAt, isChannelOpen } from "../../../queues/resumption.js";
import { dueHeads, NIL } from "./heads.store.js";

/** Requests to one endpoint at the same time, from all workers. */
export const PER_WEBHOOK = 4;
/** From this number of consecutive failures on, an endpoint gets one request at a time. So does one that answers slowly. */
const TROUBLED_AFTER = 3;
/** Condition on a webhook's state `s`. */
const isTroubled = sql`(s.consecutive_failures >= ${TROUBLED_AFTER} or (s.slow_until is not null and s.slow_until > now()))`;
/** Time for which a claim is valid. Senders renew it while they wait for the endpoint. */
export const LEASE_SECONDS = 6;
/**
 * Days without a claim of a webhook after which the deliveries that have waited for as long are not sent any more: more than the longest pause between
 * two attempts. They waited in an outage, or come from an old backup, after which they may have been sent. A delivery that waits because others are
 * sent before it, or because of an earlier one of its subject, is sent however old it is.
 */
const MAX_AGE_DAYS = 3;
/** Time during which claims are not noted again, so that not every claim writes the state of its webhook. */
const NOTED_FOR = sql`interval '1 hour'`;
/** Senders in a row that end while they send a delivery, after which it is given up. */
const MAX_TAKEOVERS = 10;
/**
 * From this takeover on, a delivery waits before it is claimed again. The time is random, so that the deliveries that were in progress at the same time
 * separate: only the one that ends its senders is taken over each time.
 */
const APART_FROM = 3;
const APART_SECONDS = sql`30 + 60 * random()`;

const TOO_OLD = `It waited for more than ${MAX_AGE_DAYS} days while nothing was sent to the endpoint, so it was not sent. Redeliver it if the receiver still needs it.`;
const GIVEN_UP = `The process that sent it ended unexpectedly ${MAX_TAKEOVERS} times. See the log for the cause, then redeliver it.`;

/** A webhook with due deliveries. */
export interface DueWebhook {
  readonly tenantId: string;
  readonly webhookId: string;
  /** Whether its endpoint failed several times in a row, or answers slowly. */
  readonly isTroubled: boolean;
  /** False if the search ended before all subjects of an ordered webhook were looked at, and found nothing until then. */
  readonly isCertain: boolean;
  /** Subject after which the search of an ordered webhook began. */
  readonly searchedFrom: string;
}

/**
 * Finds webhooks with due deliveries and room for another request, those of different tenants in turn. Webhooks of suspended tenants, and paused and
 * disabled ones, are not among them. Reads one row for each webhook with waiting deliveries, and a bounded number of subjects of ordered ones, however
 * many deliveries wait. Those whose search ended early come last, in random order: if not all get a slot, each gets one in its turn. Runs as weft_worker.
 */
export async function findDueWebhooks(tx: Tx, limit: number): Promise<DueWebhook[]> {
  await planWithIndexes(tx);
  const rows = await tx.execute<DueWebhook & Record<string, unknown>>(
    named(
      "findDueWebhooks",
      // The first part walks the index from webhook to webhook. A `distinct` would read all waiting deliveries.
      sql`with recursive waiting as (
        (select tenant_id, webhook_id from events.webhook_deliveries where status = 'PENDING' order by tenant_id, webhook_id limit 1)
        union all
        select n.tenant_id, n.webhook_id from waiting w cross join lateral (
          select d.tenant_id, d.webhook_id from events.webhook_deliveries d
           where d.status = 'PENDING' and (d.tenant_id, d.webhook_id) > (w.tenant_id, w.webhook_id)
           order by d.tenant_id, d.webhook_id limit 1) n
      ), due as (
        select w.tenant_id, w.webhook_id, ${isTroubled} as is_troubled, first.id is not null as is_certain,
               coalesce(s.last_subject_id, ${NIL}::uuid) as searched_from, case when first.id is not null then first.next_attempt_at end as due_at
          from waiting w
          join identity.tenants t on t.tenant_id = w.tenant_id and t.status = 'ACTIVE'
          join events.webhooks h on h.tenant_id = w.tenant_id and h.id = w.webhook_id and h.status = 'ACTIVE'
          join events.webhook_states s on s.tenant_id = w.tenant_id and s.webhook_id = w.webhook_id
           and (s.blocked_until is null or s.blocked_until <= now()) and (s.rate_used_until is null or s.rate_used_until <= now())
          cross join lateral (
            (select d.id, d.next_attempt_at from events.webhook_deliveries d
              where not h.is_ordered and d.tenant_id = w.tenant_id and d.webhook_id = w.webhook_id and d.status = 'PENDING'
                and d.next_attempt_at <= now() and (d.lease_until is null or d.lease_until <= now())
              order by d.next_attempt_at, d.seq limit 1)
            union all
            (select o.id, o.next_attempt_at from ${dueHeads({
              tenant: sql`w.tenant_id`,
              webhook: sql`w.webhook_id`,
              lastSubject: sql`s.last_subject_id`,
              onlyIf: sql`h.is_ordered`,
            })} o limit 1)) first
         where ${isChannelOpen("WEBHOOK", sql`w.tenant_id`)}
           and (select count(*) from events.webhook_deliveries d where d.tenant_id = w.tenant_id and d.webhook_id = w.webhook_id
                   and d.claim_token is not null and d.lease_until > now())
             < case when ${isTroubled} then 1 else ${PER_WEBHOOK} end
      )
      select tenant_id as "tenantId", webhook_id as "webhookId", is_troubled as "isTroubled", is_certain as "isCertain",
             searched_from as "searchedFrom"
        from due
       order by row_number() over (partition by tenant_id order by due_at, random()), due_at, random() limit ${limit}::int`,
    ),
  );
  return [...rows];
}

/** A delivery that a sender has claimed, with what it needs to send it. Secrets are encrypted. */
export type ClaimedRow = {
  readonly id: string;
  readonly webhookId: string;
  readonly messageId: string;
  /** Null if it is not sent: it has failed because of its age or its takeovers, or waits apart from others. */
  readonly claimToken: string | null;
  /** Includes the one that begins. */
  readonly attempts: number;
  readonly body: string | null;
  /** User with whose rights the payload in the body was selected. */
  readonly payloadUserId: string | null;
  readonly url: string;
  /** Whether the webhook has a rate limit. */
  readonly isLimited: boolean;
  readonly headers: string | null;
  readonly secret: string;
  readonly previousSecret: string | null;
  /** Whether the secrets could not be decrypted when a sender last tried it. */
  readonly wasUnreadable: boolean;
  readonly eventId: string | null;
  /** Null if the event is no longer stored. */
  readonly type: string | null;
  readonly typeVersion: number;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly subjectVersion: number;
  readonly related: Record<string, string>;
  readonly payload: Record<string, unknown>;
  readonly actorId: string;
  readonly onBehalfOf: string | null;
  readonly causeId: string | null;
  readonly occurredAt: string;
};

/**
 * Locks the webhooks until commit, except those that another sender is claiming from. A statement of its own: the next one then sees everything that
 * the earlier senders have claimed.
 */
export async function lockForClaim(tx: Tx, webhookIds: readonly string[]): Promise<string[]> {
  const rows = await tx.execute<{ webhook_id: string }>(
    named(
      "lockWebhooksForClaim",
      sql`select s.webhook_id from events.webhook_states s
       where s.tenant_id = app.tenant() and s.webhook_id = any(${sql.param([...webhookIds])}::uuid[])
       for update of s skip locked`,
    ),
  );
  return rows.map((row) => row.webhook_id);
}

/**
 * Claims due deliveries of locked webhooks, up to a limit for all of them together, and takes them from the rate limits. Of an ordered webhook, a
 * delivery can be claimed when the earlier ones of its subject have ended. Deliveries that are too old fail without being sent, and so do those that end
 * their senders. Nothing is claimed in a tenant that is not active.
 */
export async function claimDeliveries(tx: Tx, webhookIds: readonly string[], limit: number): Promise<ClaimedRow[]> {
  await planWithIndexes(tx);
  const rows = await tx.execute<ClaimedRow>(
    named(
      "claimWebhookDeliveries",
      sql`with webhook as materialized (
        select w.id, w.url, w.headers, w.secret, w.is_ordered, w.rate_limit, s.last_subject_id, s.unreadable_since is not null as was_unreadable,
               -- Nothing could be sent before: it or the channel was paused, the tenant was suspended, or the endpoint had asked for a pause.
               greatest(w.status_changed_at, t.updated_at, s.blocked_until, ${channelResumedAt("WEBHOOK")}) as sendable_since,
               -- Kept for later claims: those of newer deliveries must not make the older ones appear to have waited for their turn.
               case when s.last_claimed_at > now() - make_interval(days => ${MAX_AGE_DAYS}::int) then s.active_since else now() end as active_since,
               s.last_claimed_at is null or s.last_claimed_at <= now() - ${NOTED_FOR} as is_noted,
               case when w.previous_secret_expires_at > now() then w.previous_secret end as previous_secret,
               greatest(s.rate_used_until, now()) as rate_used_until,
               case when ${isTroubled} then 1 else ${PER_WEBHOOK} end
               - (select count(*) from events.webhook_deliveries d where d.tenant_id = w.tenant_id and d.webhook_id = w.id
                     and d.claim_token is not null and d.lease_until > now()) as room
          from events.webhooks w join events.webhook_states s on s.tenant_id = w.tenant_id and s.webhook_id = w.id
          join identity.tenants t on t.tenant_id = w.tenant_id and t.status = 'ACTIVE'
         where w.tenant_id = app.tenant() and w.id = any(${sql.param([...webhookIds])}::uuid[]) and w.status = 'ACTIVE'
           and (s.blocked_until is null or s.blocked_until <= now()) and (s.rate_used_until is null or s.rate_used_until <= now())
           and ${isChannelOpen("WEBHOOK")}
      ), due as (
        select w.id as webhook_id, d.id, d.seq, d.next_attempt_at, d.looked, d.subject_id,
               greatest(d.created_at, w.sendable_since) < w.active_since - make_interval(days => ${MAX_AGE_DAYS}::int) as is_too_old,
               row_number() over (partition by w.id, d.id is null order by d.next_attempt_at, d.seq) as turn
          from webhook w
          -- A limited webhook sends one request, or those of 100 ms.
          cross join lateral (select case when w.rate_limit is null then w.room else least(w.room, greatest(1, w.rate_limit / 10)) end as room) at_most
          cross join lateral (
            (select null::int as looked, d.subject_id, d.id, d.seq, d.next_attempt_at, d.created_at from events.webhook_deliveries d
              where not w.is_ordered and d.tenant_id = app.tenant() and d.webhook_id = w.id and d.status = 'PENDING'
                and d.next_attempt_at <= now() and (d.lease_until is null or d.lease_until <= now())
              order by d.next_attempt_at, d.seq limit at_most.room)
            union all
            (select o.looked, o.subject_id, o.id, o.seq, o.next_attempt_at, o.created_at from ${dueHeads({
              tenant: sql`app.tenant()`,
              webhook: sql`w.id`,
              lastSubject: sql`w.last_subject_id`,
              onlyIf: sql`w.is_ordered`,
            })} o limit at_most.room)) d
         where w.room > 0
      ), picked as (
        select webhook_id, id, looked, subject_id, is_too_old from due where id is not null order by turn, next_attempt_at, seq limit ${limit}::int
      ), claimed as (
        -- With a join or the status, all waiting deliveries of the tenant are read if the table has grown since it was analyzed.
        update events.webhook_deliveries d
           set (claim_token, lease_until, takeovers, attempts, status, next_attempt_at, finished_at, last_error) = (
             select case when f.fate = 'SEND' then gen_random_uuid() end,
                    case when f.fate = 'SEND' then now() + make_interval(secs => ${LEASE_SECONDS}::int) end,
                    d.takeovers + (d.claim_token is not null)::int,
                    -- An attempt whose sender has ended is made again. It does not count twice.
                    d.attempts + case when f.fate = 'SEND' and d.claim_token is null then 1 when f.fate = 'WAIT' then -1 else 0 end,
                    case when f.fate in ('TOO_OLD', 'GIVE_UP') then 'FAILED' else d.status end,
                    case when f.fate = 'SEND' then d.next_attempt_at when f.fate = 'WAIT' then now() + make_interval(secs => ${APART_SECONDS}) end,
                    case when f.fate in ('TOO_OLD', 'GIVE_UP') then now() end,
                    case when f.fate = 'TOO_OLD' then ${TOO_OLD} when f.fate = 'GIVE_UP' then ${GIVEN_UP} else d.last_error end
               from (select case when d.id = any(p.too_old) then 'TOO_OLD'
                                 when d.claim_token is null or d.takeovers + 1 < ${APART_FROM}::int then 'SEND'
                                 when d.takeovers + 1 < ${MAX_TAKEOVERS}::int then 'WAIT'
                                 else 'GIVE_UP' end as fate) f)
          from (select array(select id from picked where is_too_old) as too_old) p
         where d.tenant_id = app.tenant() and d.id = any(array(select id from picked)) and d.finished_at is null and d.next_attempt_at <= now()
           and (d.lease_until is null or d.lease_until <= now())
        returning d.id, d.webhook_id, d.seq, d.message_id, d.claim_token, d.attempts, d.body, d.payload_user_id, d.event_id
      ), used as (
        select webhook_id, count(claim_token) from claimed group by webhook_id
      ), last_subject as (
        -- The last one of which something is sent. If nothing is due, the last one that was looked at.
        select distinct on (webhook_id) webhook_id, subject_id from (
          select webhook_id, subject_id, looked, true as is_picked from picked where looked is not null
          union all select webhook_id, subject_id, looked, false from due d
           where id is null and not exists (select from due o where o.webhook_id = d.webhook_id and o.id is not null)) seen
         order by webhook_id, is_picked desc, looked desc
      ), state as (
        update events.webhook_states s
           set rate_used_until = case when w.rate_limit is null or u.count is null then s.rate_used_until
                                      else w.rate_used_until + make_interval(secs => u.count::double precision / w.rate_limit) end,
               last_subject_id = coalesce(l.subject_id, s.last_subject_id),
               last_claimed_at = case when w.is_noted and u.count is not null then now() else s.last_claimed_at end,
               active_since = case when w.is_noted and u.count is not null then w.active_since else s.active_since end
          from webhook w left join used u on u.webhook_id = w.id left join last_subject l on l.webhook_id = w.id
         where s.tenant_id = app.tenant() and s.webhook_id = w.id
           and (((w.rate_limit is not null or w.is_noted) and u.count is not null) or l.subject_id is not null)
      )
      select c.id, c.webhook_id as "webhookId", c.message_id as "messageId", c.claim_token as "claimToken", c.attempts, c.body,
             c.payload_user_id as "payloadUserId", c.event_id as "eventId", w.url, w.rate_limit is not null as "isLimited", w.headers, w.secret,
             w.previous_secret as "previousSecret", w.was_unreadable as "wasUnreadable",
             l.type, l.type_version as "typeVersion", l.subject_type as "subjectType", l.subject_id as "subjectId", l.subject_version as "subjectVersion",
             l.related, l.payload, l.actor_id as "actorId", l.on_behalf_of as "onBehalfOf", l.cause_id as "causeId",
             to_char(l.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "occurredAt"
        from claimed c join webhook w on w.id = c.webhook_id
        left join lateral (select * from events.log l where l.tenant_id = app.tenant() and l.id = c.event_id limit 1) l on true
       order by c.seq`,
    ),
  );
  return [...rows];
}

/** Extends the claims of deliveries that take longer than usual. */
export async function renewClaims(tx: Tx, tokens: readonly string[]): Promise<void> {
  await tx.execute(
    named(
      "renewWebhookClaims",
      sql`update events.webhook_deliveries set lease_until = now() + make_interval(secs => ${LEASE_SECONDS}::int)
       where tenant_id = app.tenant() and claim_token = any(${sql.param([...tokens])}::uuid[]) and status = 'PENDING'`,
    ),
  );
}
