import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/**
 * Deletes at most `limit` hashes of the transaction's tenant that are not among the newest of their user. Returns the number of deleted hashes. Runs as
 * weft_worker.
 */
export async function deleteSurplusHashes(tx: Tx, { kept, limit }: { kept: number; limit: number }): Promise<number> {
  const [row] = await tx.execute<{ deleted: number }>(
    named(
      "deleteSurplusHashes",
      sql`with surplus as (
        select user_id, id from (
          select user_id, id, row_number() over (partition by user_id order by created_at desc, id desc) as place
            from identity.password_history where tenant_id = app.tenant()) ranked
         where place > ${kept}::int limit ${limit}::int
      ), gone as (
        delete from identity.password_history h using surplus s
         where h.tenant_id = app.tenant() and h.user_id = s.user_id and h.id = s.id returning h.tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return row?.deleted ?? 0;
}
