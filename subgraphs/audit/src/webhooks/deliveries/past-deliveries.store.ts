import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

interface Past {
  readonly days: number;
  readonly limit: number;
}

/** Fails deliveries that have been due for this number of days, unless their channel was paused within them. Reads a range of the index for each webhook. Returns their number. */
export async function failForgottenDeliveries(tx: Tx, { days, limit }: Past): Promise<number> {
  const error = `It waited for more than ${days} days, which is how long deliveries are kept, so it was not sent.`;
  const rows = await tx.execute(
    named(
      "failForgottenDeliveries",
      sql`with forgotten as (
        select d.id from events.webhooks w cross join lateral (
          (select id from events.webhook_deliveries d
            where d.tenant_id = w.tenant_id and d.webhook_id = w.id and d.status = 'PENDING'
              and d.next_attempt_at < now() - make_interval(days => ${days}::int) and (d.lease_until is null or d.lease_until <= now())
            order by d.next_attempt_at, d.seq limit ${limit}::int)
          union all
          -- Those whose payload was not built yet.
          (select id from events.webhook_deliveries d
            where d.tenant_id = w.tenant_id and d.webhook_id = w.id and d.status = 'PENDING'
              and d.payload_due_at < now() - make_interval(days => ${days}::int)
            order by d.payload_due_at, d.seq limit ${limit}::int)) d
         where w.tenant_id = app.tenant()
           and not exists (select from events.delivery_pauses p where p.tenant_id = app.tenant() and p.channel = 'WEBHOOK'
             and (p.resumed_at is null or p.resumed_at > now() - make_interval(days => ${days}::int)))
         limit ${limit}::int
      )
      update events.webhook_deliveries d
         set status = 'FAILED', next_attempt_at = null, payload_due_at = null, lease_until = null, claim_token = null, finished_at = now(), last_error = ${error}
        from forgotten f
       where d.tenant_id = app.tenant() and d.id = f.id and d.status = 'PENDING' and (d.lease_until is null or d.lease_until <= now())
      returning d.id`,
    ),
  );
  return rows.length;
}

/** Deletes the deliveries that ended first, with their attempts. Returns their number, and when the last of them was queued, in the tenant's time as it is now. */
export async function deletePastDeliveries(
  tx: Tx,
  { days, limit }: Past,
): Promise<{ readonly deleted: number; readonly until: string | null }> {
  const rows = await tx.execute<{ deleted: number; until: string | null }>(
    named(
      "deletePastWebhookDeliveries",
      sql`with old as (
        select d.id from events.webhook_deliveries d
         where d.tenant_id = app.tenant() and d.finished_at < now() - make_interval(days => ${days}::int)
           and not exists (select from events.replays r where r.tenant_id = d.tenant_id and r.webhook_id = d.webhook_id and r.status = 'RUNNING')
         order by d.finished_at, d.id limit ${limit}::int
      ), gone as (
        delete from events.webhook_deliveries d using old where d.tenant_id = app.tenant() and d.id = old.id returning d.created_at
      )
      select count(*)::int as deleted, (max(created_at) + (app.weft_now() - now()))::text as until from gone`,
    ),
  );
  return rows[0] ?? { deleted: 0, until: null };
}
