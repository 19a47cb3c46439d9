/** What waits to be delivered, in all channels, and its pauses. */
import { deliveryPauses as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, isNotNull, isNull, sql, type SQL } from "drizzle-orm";
import { type ChannelQueueRow, type DueRow, MAX_COUNTED, type QueueRow } from "./queue.js";
import { isChannelOpen } from "./resumption.js";

const { deliveryPauses } = tables;

export type PauseRow = typeof deliveryPauses.$inferSelect;

type Counted = {
  waiting: number;
  oldest_waiting_since: string | null;
  succeeded: number;
  failed: number;
};

const toQueue = (row: Counted): QueueRow => ({
  waiting: row.waiting,
  oldestWaitingSince: row.oldest_waiting_since === null ? null : new Date(row.oldest_waiting_since).toISOString(),
  succeeded: row.succeeded,
  failed: row.failed,
});

/** Waiting deliveries of a webhook `h`, and those that ended in the last hour. Both read a bounded number of index entries. */
const ofWebhook = sql`
  cross join lateral (
    select count(*) as waiting, min(d.next_attempt_at) filter (where d.next_attempt_at <= now()) as oldest from (
      select d.next_attempt_at from events.webhook_deliveries d
       where d.tenant_id = h.tenant_id and d.webhook_id = h.id and d.status = 'PENDING'
       order by d.next_attempt_at, d.seq limit ${MAX_COUNTED}::int) d) w
  cross join lateral (
    select count(*) filter (where d.status = 'DELIVERED') as succeeded, count(*) filter (where d.status = 'FAILED') as failed from (
      select d.status from events.webhook_deliveries d
       where d.tenant_id = h.tenant_id and d.webhook_id = h.id and d.finished_at > now() - interval '1 hour' limit ${MAX_COUNTED}::int) d) e`;

/** Returns the queues of webhooks, by ID of the webhook. */
export async function selectWebhookQueues(tx: Tx, webhookIds: readonly string[]): Promise<Map<string, QueueRow>> {
  const rows = await tx.execute<Counted & { id: string }>(
    named(
      "selectWebhookQueues",
      sql`select h.id, w.waiting::int, w.oldest::text as oldest_waiting_since, e.succeeded::int, e.failed::int
        from events.webhooks h ${ofWebhook}
       where h.tenant_id = app.tenant() and h.id = any(${sql.param([...webhookIds])}::uuid[])`,
    ),
  );
  return new Map(rows.map((row) => [row.id, toQueue(row)]));
}

/** Returns the queues of all channels of the tenant. */
export async function selectChannelQueues(tx: Tx): Promise<ChannelQueueRow[]> {
  const max = sql`${MAX_COUNTED}::int`;
  const rows = await tx.execute<Counted & { channel: string; reason: string | null; paused_by: string | null; paused_at: string | null }>(
    named(
      "selectChannelQueues",
      sql`with queue as (
        select 1 as place, 'WEBHOOK' as channel, least(coalesce(sum(w.waiting), 0), ${max})::int as waiting, min(w.oldest) as oldest,
               least(coalesce(sum(e.succeeded), 0), ${max})::int as succeeded, least(coalesce(sum(e.failed), 0), ${max})::int as failed
          from events.webhooks h ${ofWebhook}
         where h.tenant_id = app.tenant()
        union all
        select 2, 'NOTIFICATION', w.waiting::int, w.oldest, e.succeeded::int, e.failed::int
          from (select count(*) as waiting, min(d.next_attempt_at) filter (where d.status = 'READY' and d.next_attempt_at <= now()) as oldest from (
            select d.status, d.next_attempt_at from audit.notification_deliveries d
             where d.tenant_id = app.tenant() and d.status in ('QUEUED', 'READY', 'SENDING') limit ${max}) d) w
          cross join (select count(*) filter (where d.status = 'SENT') as succeeded, count(*) filter (where d.status <> 'SENT') as failed from (
            select d.status from audit.notification_deliveries d
             where d.tenant_id = app.tenant() and d.status in ('SENT', 'FAILED', 'UNKNOWN', 'BOUNCED', 'COMPLAINED') and d.updated_at > now() - interval '1 hour'
             limit ${max}) d) e
        union all
        select 3, 'CALL', w.waiting::int, w.oldest, e.succeeded::int, e.failed::int
          from (select count(*) as waiting, min(c.next_attempt_at) filter (where c.next_attempt_at <= now()) as oldest from (
            select c.next_attempt_at from events.integration_calls c
             where c.tenant_id = app.tenant() and c.status = 'PENDING' order by c.next_attempt_at limit ${max}) c) w
          cross join (select count(*) filter (where c.status = 'DONE') as succeeded, count(*) filter (where c.status <> 'DONE') as failed from (
            select c.status from events.integration_calls c
             where c.tenant_id = app.tenant() and c.status <> 'PENDING' and c.finished_at > now() - interval '1 hour' limit ${max}) c) e
        union all
        select 4, 'INBOUND', w.waiting::int, w.oldest, e.succeeded::int, e.failed::int
          from (select count(*) as waiting, min(m.received_at) as oldest from (
            select m.received_at from events.inbound_messages m
             where m.tenant_id = app.tenant() and m.status = 'RECEIVED' order by m.received_at limit ${max}) m) w
          cross join (select count(*) filter (where m.status <> 'FAILED') as succeeded, count(*) filter (where m.status = 'FAILED') as failed from (
            select m.status from events.inbound_messages m
             where m.tenant_id = app.tenant() and m.handled_at > now() - interval '1 hour' limit ${max}) m) e
      )
      select q.channel, q.waiting, q.oldest::text as oldest_waiting_since, q.succeeded, q.failed, p.reason,
             p.paused_by, p.paused_at::text as paused_at
        from queue q left join events.delivery_pauses p on p.tenant_id = app.tenant() and p.channel = q.channel and p.resumed_at is null
       order by q.place`,
    ),
  );
  return rows.map((row) => {
    const { channel, reason, paused_by: pausedBy, paused_at: pausedAt } = row;
    const pause = reason === null || pausedBy === null || pausedAt === null ? null : { reason, pausedBy, pausedAt };
    return { ...toQueue(row), channel, pause };
  });
}

/** SQL of the due messages of a tenant `a`, longest waiting first. */
const dueMessages = (limit: SQL): SQL =>
  sql`select d.next_attempt_at from audit.notification_deliveries d
       where d.tenant_id = a.tenant_id and d.next_attempt_at <= now() and d.status = 'READY' order by d.next_attempt_at limit ${limit}`;

/**
 * Counts what is due in each channel, up to 10,000 per webhook or channel, and returns the age of the oldest. What cannot be sent now, because its
 * tenant is suspended, or its channel, webhook or integration is paused, is left out. Runs as weft_worker, across all tenants.
 */
export async function measureDue(tx: Tx): Promise<DueRow[]> {
  const max = sql`${MAX_COUNTED}::int`;
  const rows = await tx.execute<{ channel: string; due: number; oldest_seconds: number }>(
    named(
      "measureDueDeliveries",
      sql`with active as materialized (select tenant_id from identity.tenants where status = 'ACTIVE'),
      due as (
        select 'WEBHOOK' as channel, coalesce(sum(q.due), 0) as due, min(q.oldest) as oldest
          from active a join events.webhooks h on h.tenant_id = a.tenant_id and h.status = 'ACTIVE'
          cross join lateral (select count(*) as due, min(d.next_attempt_at) as oldest from (
            select d.next_attempt_at from events.webhook_deliveries d
             where d.tenant_id = h.tenant_id and d.webhook_id = h.id and d.status = 'PENDING' and d.next_attempt_at <= now()
             order by d.next_attempt_at, d.seq limit ${max}) d) q
         where ${isChannelOpen("WEBHOOK", sql`a.tenant_id`)}
        union all
        select 'NOTIFICATION', count(*), min(d.next_attempt_at) from (
          select d.next_attempt_at from (
            select a.tenant_id from active a cross join lateral (${dueMessages(sql`1`)}) d
             where ${isChannelOpen("NOTIFICATION", sql`a.tenant_id`)} order by d.next_attempt_at) a
            cross join lateral (${dueMessages(max)}) d limit ${max}) d
        union all
        select 'CALL', count(*), min(c.next_attempt_at) from (
          select c.next_attempt_at from active a join events.integration_calls c on c.tenant_id = a.tenant_id
            join events.integrations i on i.tenant_id = c.tenant_id and i.id = c.integration_id and i.status = 'ACTIVE'
           where c.status = 'PENDING' and c.next_attempt_at <= now() and ${isChannelOpen("CALL", sql`a.tenant_id`)}
           order by c.next_attempt_at limit ${max}) c
        union all
        select 'INBOUND', count(*), min(m.received_at) from (
          select m.received_at from active a join events.inbound_messages m on m.tenant_id = a.tenant_id
           where m.status = 'RECEIVED' order by m.received_at limit ${max}) m
      )
      select channel, due::int as due, coalesce(extract(epoch from now() - oldest), 0)::double precision as oldest_seconds from due`,
    ),
  );
  return rows.map((row) => ({ channel: row.channel, due: row.due, oldestSeconds: row.oldest_seconds }));
}

/** Pauses a channel. Null if it is paused already. */
export async function insertPause(tx: Tx, values: typeof deliveryPauses.$inferInsert): Promise<PauseRow | null> {
  const { reason, pausedBy } = values;
  const [row] = await named(
    "insertDeliveryPause",
    tx
      .insert(deliveryPauses)
      .values(values)
      .onConflictDoUpdate({
        target: [deliveryPauses.tenantId, deliveryPauses.channel],
        set: { reason, pausedBy, pausedAt: sql`now()`, resumedAt: null },
        setWhere: isNotNull(deliveryPauses.resumedAt),
      })
      .returning(),
  );
  return row ?? null;
}

/** Ends the pause of a channel, and returns it. The row stays: what waited must not count as too old. Null if the channel is not paused. */
export async function endPause(tx: Tx, channel: string): Promise<PauseRow | null> {
  const [row] = await named(
    "endDeliveryPause",
    tx
      .update(deliveryPauses)
      .set({ resumedAt: sql`now()` })
      .where(and(eq(deliveryPauses.channel, channel), isNull(deliveryPauses.resumedAt)))
      .returning(),
  );
  return row ?? null;
}

/** What to discard: deliveries that were queued before a time, up to a limit. */
export interface Discard {
  readonly before: string;
  readonly reason: string;
  readonly limit: number;
}

/** Cancels waiting deliveries of a webhook, or of all of them, oldest first. Those in progress are left alone. Returns their number. */
export async function discardWebhookDeliveries(tx: Tx, { before, reason, limit }: Discard, webhookId: string | null): Promise<number> {
  const ofOne = webhookId === null ? sql`true` : sql`webhook_id = ${webhookId}::uuid`;
  const rows = await tx.execute(
    named(
      "discardWebhookDeliveries",
      sql`with waiting as (
        select id from events.webhook_deliveries
         where tenant_id = app.tenant() and ${ofOne} and status = 'PENDING' and created_at < ${before}::timestamptz
           and (lease_until is null or lease_until <= now())
         order by created_at, id limit ${limit}::int for update skip locked)
      update events.webhook_deliveries d set status = 'CANCELLED', next_attempt_at = null, lease_until = null, claim_token = null, finished_at = now(),
             last_error = ${reason}
        from waiting w where d.tenant_id = app.tenant() and d.id = w.id returning d.id`,
    ),
  );
  return rows.length;
}

/**
 * Cancels notifications that wait outside the app, oldest first, each message as a whole. Messages are found by the delivery that a sender claims, which
 * is locked first, as senders do. Those that are being sent are left alone. Returns the number of notifications.
 */
export async function discardNotifications(tx: Tx, { before, reason, limit }: Discard): Promise<number> {
  const rows = await tx.execute(
    named(
      "discardNotifications",
      sql`with message as (
        select message_id from audit.notification_deliveries d
         where d.tenant_id = app.tenant() and d.status = 'READY' and d.next_attempt_at is not null and not exists (
           select from audit.notification_deliveries l where l.tenant_id = d.tenant_id and l.message_id = d.message_id
              and l.status = 'READY' and l.created_at >= ${before}::timestamptz)
         order by d.created_at, d.id limit ${limit}::int for update skip locked
      ), queued as (
        select id from audit.notification_deliveries
         where tenant_id = app.tenant() and status = 'QUEUED' and created_at < ${before}::timestamptz
         order by created_at, id limit greatest(0, ${limit}::int - (select count(*) from message)) for update skip locked)
      update audit.notification_deliveries d set status = 'CANCELLED', reason = ${reason}, due_at = null, next_attempt_at = null, updated_at = now()
       where d.tenant_id = app.tenant() and (d.id in (select id from queued)
          or (d.status = 'READY' and d.message_id in (select message_id from message))) returning d.id`,
    ),
  );
  return rows.length;
}

/** A call that was discarded. */
export interface DiscardedCall {
  readonly id: string;
  readonly version: number;
  readonly instanceId: string | null;
}

/** Ends waiting calls as failed, oldest first. Those that are being sent are left alone. */
export async function discardCalls(tx: Tx, { before, reason, limit }: Discard): Promise<DiscardedCall[]> {
  const rows = await tx.execute<{ id: string; version: number; instance_id: string | null }>(
    named(
      "discardIntegrationCalls",
      sql`with waiting as (
        select id from events.integration_calls
         where tenant_id = app.tenant() and status = 'PENDING' and claim_token is null and created_at < ${before}::timestamptz
         order by created_at, id limit ${limit}::int for update skip locked)
      update events.integration_calls c set status = 'FAILED', error = ${reason}, finished_at = now(), updated_at = now(), version = c.version + 1
        from waiting w where c.tenant_id = app.tenant() and c.id = w.id returning c.id, c.version, c.instance_id`,
    ),
  );
  return rows.map((row) => ({ id: row.id, version: row.version, instanceId: row.instance_id }));
}
