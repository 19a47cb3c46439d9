import { webhooks as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, asc, count, eq, getTableColumns, isNull, or, sql, type SQL } from "drizzle-orm";

const { webhookDeliveries, webhookAttempts } = tables;

/** A delivery without its body, which can be long. */
export type DeliveryRow = Omit<typeof webhookDeliveries.$inferSelect, "body">;
export type AttemptRow = typeof webhookAttempts.$inferSelect;

const { body, ...columns } = getTableColumns(webhookDeliveries);

/** A delivery of an event to queue. */
export interface NewDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly messageId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly subjectId: string;
  /** Whether the webhook's query selects the payload. The delivery then waits until the gateway has built it. */
  readonly hasPayload: boolean;
}

/** Queues deliveries in their order. Those that exist are left alone. Returns the number of the new ones. */
export async function insertDeliveries(tx: Tx, deliveries: readonly NewDelivery[]): Promise<number> {
  if (deliveries.length === 0) return 0;
  const rows = deliveries.map((delivery, at) => ({ ...delivery, at }));
  const inserted = await tx.execute(
    named(
      "insertWebhookDeliveries",
      sql`insert into events.webhook_deliveries 
        (tenant_id, id, webhook_id, message_id, event_id, event_type, subject_id, has_payload, payload_due_at, next_attempt_at)
      select app.tenant(), d.id, d."webhookId", d."messageId", d."eventId", d."eventType", d."subjectId", d."hasPayload",
             case when d."hasPayload" then now() end, case when not d."hasPayload" then now() end
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
          as d (at integer, id uuid, "webhookId" uuid, "messageId" text, "eventId" uuid, "eventType" text, "subjectId" uuid, "hasPayload" boolean)
       order by d.at
      on conflict (tenant_id, webhook_id, event_id) where replay_of is null and event_id is not null do nothing
      returning id`,
    ),
  );
  return inserted.length;
}

export async function insertTest(
  tx: Tx,
  { id, webhookId, messageId, type, body }: { id: string; webhookId: string; messageId: string; type: string; body: string },
): Promise<void> {
  await tx.execute(
    named(
      "insertWebhookTest",
      sql`insert into events.webhook_deliveries (tenant_id, id, webhook_id, message_id, event_type, subject_id, body, next_attempt_at)
      values (app.tenant(), ${id}::uuid, ${webhookId}::uuid, ${messageId}, ${type}, ${webhookId}::uuid, ${body}, now())`,
    ),
  );
}

/** Which deliveries to repeat. */
export type ReplayWhere =
  | { readonly deliveryId: string }
  | { readonly webhookId: string; readonly from: string; readonly to: string }
  | { readonly webhookId: string; readonly onlyFailed: true };

/**
 * Returns ended deliveries to repeat, in their original order. The first deliveries of a webhook are repeated, not their replays; if only failed ones
 * are asked for, those of which a replay waits or has succeeded are left out.
 */
export async function selectReplayable(tx: Tx, where: ReplayWhere, limit: number): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "selectReplayableDeliveries",
      sql`select d.id from events.webhook_deliveries d
       where d.tenant_id = app.tenant() and d.status <> 'PENDING' and ${conditionOf(where)}
       order by d.seq limit ${limit}::int`,
    ),
  );
  return rows.map((row) => row.id);
}

/**
 * Queues deliveries again, in the given order: of each, the ID of the ended and of the new one. Payloads that were never built are built now, and also
 * those of an earlier query, user or destination of the webhook.
 */
export async function insertReplays(tx: Tx, replays: readonly { readonly of: string; readonly id: string }[]): Promise<void> {
  if (replays.length === 0) return;
  const rows = replays.map((replay, at) => ({ ...replay, at }));
  await tx.execute(
    named(
      "insertWebhookReplays",
      sql`insert into events.webhook_deliveries
        (tenant_id, id, webhook_id, message_id, event_id, event_type, subject_id, replay_of, body, has_payload, payload_user_id,
         payload_generation, payload_due_at, next_attempt_at)
      select d.tenant_id, r.id, d.webhook_id, d.message_id, d.event_id, d.event_type, d.subject_id, coalesce(d.replay_of, d.id),
             case when b.is_usable then d.body end, d.has_payload, case when b.is_usable then d.payload_user_id end,
             case when b.is_usable then d.payload_generation end,
             case when not b.is_usable then now() end, case when b.is_usable then now() end
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r (at integer, "of" uuid, id uuid)
        join events.webhook_deliveries d on d.tenant_id = app.tenant() and d.id = r."of"
        join events.webhooks w on w.tenant_id = app.tenant() and w.id = d.webhook_id
       cross join lateral (
         select not d.has_payload or (d.body is not null and d.payload_generation is not distinct from w.payload_generation
                  and d.payload_user_id is not distinct from w.payload_user_id
                  and exists (select from identity.users u where u.tenant_id = d.tenant_id and u.id = d.payload_user_id and u.status = 'ACTIVE')) as is_usable) b
       order by r.at`,
    ),
  );
}

function conditionOf(where: ReplayWhere): SQL {
  if ("deliveryId" in where) return sql`d.id = ${where.deliveryId}::uuid`;
  const first = sql`d.webhook_id = ${where.webhookId}::uuid and d.replay_of is null`;
  if ("from" in where) return sql`${first} and d.created_at >= ${where.from}::timestamptz and d.created_at <= ${where.to}::timestamptz`;
  return sql`${first} and d.status = 'FAILED' and not exists (
    select from events.webhook_deliveries r where r.tenant_id = d.tenant_id and r.replay_of = d.id and r.status in ('PENDING', 'DELIVERED'))`;
}

export async function findDelivery(tx: Tx, id: string): Promise<DeliveryRow | null> {
  const [row] = await named("findWebhookDelivery", tx.select(columns).from(webhookDeliveries).where(eq(webhookDeliveries.id, id)));
  return row ?? null;
}

export function selectDeliveryPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<DeliveryRow[]> {
  return named(
    "selectWebhookDeliveryPage",
    tx
      .select(columns)
      .from(webhookDeliveries)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countDeliveries(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countWebhookDeliveries", tx.select({ count: count() }).from(webhookDeliveries).where(where));
  return row?.count ?? 0;
}

/** Returns the attempts of deliveries, in their order. */
export function selectAttempts(tx: Tx, deliveryIds: readonly string[]): Promise<AttemptRow[]> {
  return named(
    "selectWebhookAttempts",
    tx
      .select()
      .from(webhookAttempts)
      .where(among(webhookAttempts.deliveryId, deliveryIds))
      .orderBy(asc(webhookAttempts.number), asc(webhookAttempts.startedAt)),
  );
}

/** Returns the stored bodies of deliveries, as they are stored. Those with a payload of another user are absent. */
export function selectStoredBodies(tx: Tx, ids: readonly string[], userId: string) {
  const { id, webhookId, eventId, payloadUserId } = webhookDeliveries;
  return named(
    "selectStoredWebhookBodies",
    tx
      .select({ id, webhookId, eventId, body })
      .from(webhookDeliveries)
      .where(and(among(id, ids), or(isNull(eventId), eq(payloadUserId, userId)))),
  );
}

/** Makes a waiting delivery due, unless it is in progress or waits for its payload. */
export async function hastenDelivery(tx: Tx, id: string): Promise<void> {
  await tx.execute(
    named(
      "hastenWebhookDelivery",
      sql`update events.webhook_deliveries set next_attempt_at = now()
       where tenant_id = app.tenant() and id = ${id}::uuid and status = 'PENDING' and claim_token is null and next_attempt_at is not null`,
    ),
  );
}

/** Ends the waiting deliveries of a webhook, except those in progress. */
export async function cancelDeliveries(tx: Tx, webhookId: string): Promise<void> {
  await tx.execute(
    named(
      "cancelWebhookDeliveries",
      sql`update events.webhook_deliveries set status = 'CANCELLED', next_attempt_at = null, payload_due_at = null, lease_until = null, claim_token = null, finished_at = now()
      where tenant_id = app.tenant() and webhook_id = ${webhookId}::uuid and status = 'PENDING'
        and (lease_until is null or lease_until <= now())`,
    ),
  );
}

/**
 * Lets the payloads of waiting deliveries be built again, except those of the given generation. The webhook must be locked: no
 * payload can then be stored in the meantime. The results of requests in progress are only recorded as attempts.
 */
export async function rebuildPayloads(tx: Tx, { webhookId, generation }: { webhookId: string; generation: number }): Promise<void> {
  await tx.execute(
    named(
      "rebuildWebhookPayloads",
      sql`update events.webhook_deliveries
         set body = null, payload_user_id = null, payload_generation = null, payload_lapses = 0, payload_failing_since = null, payload_due_at = now(), payload_attempts = payload_attempts + 1, next_attempt_at = null,
             lease_until = null, claim_token = null, takeovers = 0
       where tenant_id = app.tenant() and webhook_id = ${webhookId}::uuid and status = 'PENDING' and has_payload
         and payload_generation is distinct from ${generation}::int`,
    ),
  );
}
