import { named, type Tx } from "@weft/platform/db";
import { type SQL, sql } from "drizzle-orm";

/** Deletes about `limit` of the tenant's expired rows, oldest first, and fewer only if no more are left. Returns their number. */
async function deleteExpired(tx: Tx, { name, table, limit }: { name: string; table: SQL; limit: number }): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      name,
      sql`with gone as (
        delete from ${table} where tenant_id = app.tenant() and expires_at <= (
          select max(oldest.expires_at) from (
            select expires_at from ${table} where tenant_id = app.tenant() and expires_at < now() order by expires_at limit ${limit}::int) oldest)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}

/** Runs as weft_worker, like the other one. */
export const deleteExpiredProviderLogins = (tx: Tx, limit: number): Promise<number> =>
  deleteExpired(tx, { name: "deleteExpiredProviderLogins", table: sql`identity.provider_logins`, limit });

export const deleteExpiredLogoutTokens = (tx: Tx, limit: number): Promise<number> =>
  deleteExpired(tx, { name: "deleteExpiredLogoutTokens", table: sql`identity.logout_tokens`, limit });
