import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/**
 * Deletes the oldest keys of the transaction's tenant that are older than this number of hours. Deletes about `limit` keys, because keys with the
 * same creation time are deleted together. Returns the number of deleted keys.
 */
export async function deleteExpiredKeys(tx: Tx, { hours, limit }: { hours: number; limit: number }): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteExpiredKeys",
      sql`with gone as (
        delete from app.idempotency_keys where tenant_id = app.tenant() and created_at <= (
          select max(oldest.created_at) from (
            select created_at from app.idempotency_keys
            where tenant_id = app.tenant() and created_at < now() - make_interval(hours => ${hours}::int)
            order by created_at limit ${limit}::int) oldest)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
