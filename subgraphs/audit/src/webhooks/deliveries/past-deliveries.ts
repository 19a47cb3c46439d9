import { type Chore, named } from "@weft/shared";
import { sql } from "drizzle-orm";

/**
 * Deletes the oldest deliveries of webhooks with their attempts, also those that still wait: nobody expects them any
 * more. Those of a paused channel are kept until it is resumed.
 * @param daysOf returns the number of days for which a tenant (by UUID) keeps deliveries
 */
export const pastWebhookDeliveries = (daysOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "deliveries of webhooks",
  deleteSome: async (tx, limit, tenantId) => {
    const days = await daysOf(tenantId);
    const rows = await tx.execute<{ deleted: number }>(
      named(
        "deletePastWebhookDeliveries",
        sql`with old as (
          select d.id from events.webhook_deliveries d
           where d.tenant_id = app.tenant() and d.created_at < now() - make_interval(days => ${days}::int)
             and (d.status <> 'PENDING' or not exists (
               select from events.delivery_pauses p where p.tenant_id = d.tenant_id and p.channel = 'WEBHOOK'))
           order by d.created_at, d.id limit ${limit}::int
        ), gone as (
          delete from events.webhook_deliveries d using old where d.tenant_id = app.tenant() and d.id = old.id returning d.tenant_id
        )
        select count(*)::int as deleted from gone`,
      ),
    );
    return rows[0]?.deleted ?? 0;
  },
});
