import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/**
 * Deletes the oldest used or revoked tokens of the transaction's tenant that were created more than this number of days ago; about `limit` of them.
 * Pending tokens stay, including expired ones, because they show that a user was invited. Returns the number of deleted tokens. Runs as weft_worker.
 */
export async function deleteOldTokens(tx: Tx, { days, limit }: { days: number; limit: number }): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteOldTokens",
      sql`with gone as (
        delete from identity.one_time_tokens where tenant_id = app.tenant() and (used_at is not null or revoked_at is not null) and created_at <= (
          select max(oldest.created_at) from (
            select created_at from identity.one_time_tokens
            where tenant_id = app.tenant() and (used_at is not null or revoked_at is not null) and created_at < now() - make_interval(days => ${days}::int)
            order by created_at limit ${limit}::int) oldest)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
