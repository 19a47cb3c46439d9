import type { Chore } from "@weft/platform/cleaning";
import { named } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/**
 * Deletes the oldest records of uses of shares, in each of the two tenants after the time that this one has set. In the owner's tenant, a start stays until
 * what was started has ended, because it counts towards the limit of open runs. In the recipient's tenant, a copy stays: it says where a definition is from.
 * @param daysOf returns the number of days for which a tenant (by UUID) keeps them
 */
export const pastShareUses = (daysOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "uses of shared definitions",
  deleteSome: async (tx, limit, tenantId) => {
    const days = await daysOf(tenantId);
    const isPast = sql`u.tenant_id = app.tenant() and u.created_at < clock_timestamp() - make_interval(days => ${days}::int)`;
    const rows = await tx.execute<{ deleted: number }>(
      named(
        "deletePastShareUses",
        sql`with given as (
          select u.id from workflows.definition_share_uses u
           where ${isPast} and u.side = 'OWNER' and not exists (
             select from workflows.instances i where i.tenant_id = u.tenant_id and i.id = u.instance_id and i.finished_at is null)
           order by u.created_at, u.id limit ${limit}::int
        ), received as (
          select u.id from workflows.definition_share_uses u
           where ${isPast} and u.side = 'RECIPIENT' and u.mode = 'START'
           order by u.created_at, u.id limit greatest(0, ${limit}::int - (select count(*) from given))
        ), gone as (
          delete from workflows.definition_share_uses u using (select id from given union all select id from received) old
           where u.tenant_id = app.tenant() and u.id = old.id returning u.tenant_id
        )
        select count(*)::int as deleted from gone`,
      ),
    );
    return rows[0]?.deleted ?? 0;
  },
});
