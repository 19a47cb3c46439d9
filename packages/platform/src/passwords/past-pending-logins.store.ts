import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/** Tables whose rows have a time of expiry, and are few in a tenant. */
type Expiring = "identity.pending_logins" | "identity.used_challenges" | "identity.gateway_reports";

/** Deletes about `limit` of the tenant's pending logins that expired at least a day ago, oldest first. Returns their number. Runs as weft_worker. */
export const deletePastPendingLogins = (tx: Tx, { limit }: { limit: number }): Promise<number> =>
  deleteExpired("deletePastPendingLogins", tx, { table: "identity.pending_logins", limit });

/** Does the same for used challenges. */
export const deletePastChallenges = (tx: Tx, { limit }: { limit: number }): Promise<number> =>
  deleteExpired("deletePastChallenges", tx, { table: "identity.used_challenges", limit });

/** Does the same for reports of gateways. Those of their sessions go with them. */
export const deletePastGatewayReports = (tx: Tx, { limit }: { limit: number }): Promise<number> =>
  deleteExpired("deletePastGatewayReports", tx, { table: "identity.gateway_reports", limit });

async function deleteExpired(
  name: string,
  tx: Tx,
  { table, limit }: { readonly table: Expiring; readonly limit: number },
): Promise<number> {
  const from = sql.raw(table);
  const rows = await tx.execute<{ deleted: number }>(
    named(
      name,
      sql`with gone as (
        delete from ${from} where tenant_id = app.tenant() and expires_at <= (
          select max(oldest.expires_at) from (
            select expires_at from ${from}
            where tenant_id = app.tenant() and expires_at < now() - interval '1 day'
            order by expires_at limit ${limit}::int) oldest)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
