import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/**
 * Deletes about `limit` of the tenant's pending logins that expired at least a day ago, oldest first. Returns their number. Runs as weft_worker. There is
 * no index by time: the next login of a user deletes what is over, so a tenant has few.
 */
export async function deletePastPendingLogins(tx: Tx, { limit }: { limit: number }): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deletePastPendingLogins",
      sql`with gone as (
        delete from identity.pending_logins where tenant_id = app.tenant() and expires_at <= (
          select max(oldest.expires_at) from (
            select expires_at from identity.pending_logins
            where tenant_id = app.tenant() and expires_at < now() - interval '1 day'
            order by expires_at limit ${limit}::int) oldest)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
